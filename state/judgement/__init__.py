"""Pure verdicts over readings: what is known goes in with the time, what to think of it comes out."""
