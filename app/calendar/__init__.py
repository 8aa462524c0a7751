"""Working time and due dates of an office: hours, holidays, Ramadan, and the standard times counted in them."""
