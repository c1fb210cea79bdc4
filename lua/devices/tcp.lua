--- An AT port behind TCP: an emulator with --listen, or a serial server.
return {
  name = "tcp",
  capabilities = { "mqtt", "tls", "certificates", "broker", "broker.policy", "observer", "network", "peer" },
  profile = "sim7600",
  factor = 1,
  allow = {},
  leftovers = "fail",
}
