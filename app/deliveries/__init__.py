"""What goes out: the trail to webhooks, and what is new to people by e-mail."""
