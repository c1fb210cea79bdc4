-- No globals of our own anywhere.
std = "lua54"
max_line_length = 120
codes = true
-- Rows of prose: a cause and what to change stand better on one line each.
files["lua/modemtest/why_rows_*.lua"] = { max_line_length = 200 }
