"""The process that observes a deployment for one window: it probes, writes readings, obeys letters."""
