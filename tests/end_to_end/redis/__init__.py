"""Real Redis servers in many moods, and the proof of which one a real server uses."""
