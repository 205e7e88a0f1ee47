-- Each connection of wrk waits a while between two requests: visitors, not a siege.
function delay() return 10 end
