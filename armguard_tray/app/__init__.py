"""The composition root: the only place that joins the parts, once without a display and once with one."""
