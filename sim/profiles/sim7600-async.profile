# The same modem with the line order of the raw captures (P10, LilyGO issues 49 and 100): OK at
# once, the result line later, and no ERROR behind a late failure.
extend = sim7600
result_style = async
