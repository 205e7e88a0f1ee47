-- What wrk sends when it is not always the same. After `--`:
--   pipeline DEPTH         DEPTH requests in one go
--   upload BYTES           a POST with that many bytes
--   people FILE            each request for the next line of FILE: its host, a tabulator, its cookie
local number = 0

function setup(thread)
  thread:set("number", number)
  number = number + 1
end

function init(arguments)
  local mode = arguments[1]
  if mode == "pipeline" then
    local one = wrk.format()
    local all = string.rep(one, tonumber(arguments[2]))
    request = function() return all end
  elseif mode == "upload" then
    wrk.method = "POST"
    wrk.body = string.rep("x", tonumber(arguments[2]))
    local one = wrk.format()
    request = function() return one end
  elseif mode == "people" then
    local all = {}
    for line in io.lines(arguments[2]) do
      local host, cookie = line:match("([^\t]+)\t(.*)")
      wrk.headers["Host"] = host
      wrk.headers["Cookie"] = cookie
      all[#all + 1] = wrk.format()
    end
    -- The threads go through the same people, apart from each other.
    local next = math.floor(number * #all / 2) % #all
    request = function()
      next = next % #all + 1
      return all[next]
    end
  end
end
