--- The names of the codes, as the manual's table has them (mqtt-ssl-commands.md 3.1).
local names = { "failed", "bad UTF-8 string", "socket connect failed", "socket create failed", "socket close failed",
  "message receive failed", "network open failed", "network close failed", "network not opened", "client index error",
  "no connection", "invalid parameter", "operation not supported", "client is busy", "require connection failed",
  "socket send failed", "timeout", "topic is empty", "client is used", "client not acquired", "client not released",
  "length out of range", "network is opened", "packet failed", "DNS error", "socket closed by server",
  "refused: unaccepted protocol version", "refused: identifier rejected", "refused: server unavailable",
  "refused: bad user name or password", "refused: not authorised", "handshake failed", "certificate not set",
  "open SSL session failed", "disconnect from server failed" }
names[0] = "succeeded"

return names
