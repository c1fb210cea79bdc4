--- Fixture "sweep": the places (sweep_place.lua) that a sweep has open. What a sweep that was cut off leaves ends here.
return {
  setup = function()
    return { open = {} }
  end,
  teardown = function(sweep)
    while #sweep.open > 0 do
      pcall(table.remove(sweep.open).close)
    end
  end,
}
