"""What people see: Qt Widgets over the core, which knows nothing of Qt."""
