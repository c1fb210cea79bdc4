--- The emulator that modemtest starts itself: one fresh modem per scenario.
return {
  name = "emulator",
  ours = true, -- may be restarted and changed as a scenario likes
  capabilities = {
    "mqtt", "tls", "certificates", "broker", "broker.policy", "observer", "emulator", "restart",
    "network", "peer", "fault",
  },
  profile = "sim7600", -- when --profile names none
  factor = 1,          -- of all time limits
  allow = {},          -- nothing may come by itself
  leftovers = "fail",
}
