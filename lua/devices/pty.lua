--- A pty that exists already: an emulator somebody started, on this machine.
return {
  name = "pty",
  capabilities = { "mqtt", "tls", "certificates", "broker", "broker.policy", "observer", "network", "peer" },
  profile = "sim7600",
  factor = 1,
  allow = {},
  leftovers = "fail",
}
