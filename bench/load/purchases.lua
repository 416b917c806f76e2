-- Buyers for wrk: each holds a unit, orders it, and the order is paid by a signed event.
--
-- wrk asks for the next request of whichever connection is free, and tells of an answer without saying on which connection it came. So no
-- buyer has a connection: what an answer leads to waits in line, and the next free connection sends it. Where nothing waits, a new buyer
-- begins. Every answer but that of a payment puts one request in line, so there are never more of them than connections.
--
-- Arguments: the id of the product, the key of the events' signatures in hex.

local ffi = require("ffi")

-- wrk speaks TLS by this library, so it has been loaded already.
ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *digest, const void *key, int key_length, const char *text, size_t length,
  unsigned char *mac, unsigned int *mac_length);
int EVP_EncodeBlock(unsigned char *text, const unsigned char *bytes, int length);
]]

completed = 0 -- purchases whose payment was processed
unexpected = 0 -- answers that were no success

local without_signatures = 3 -- the exit code where wrk has the library built in, out of reach of a script
local mac_bytes = 32
local mac, mac_text = ffi.new("unsigned char[64]"), ffi.new("unsigned char[64]")
local mac_length = ffi.new("unsigned int[1]")
local sha256, key, hold_request

local steps, first, last = {}, 1, 0

local function request_of(path, body, headers)
  return "POST /api/v1" .. path .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Type: application/json\r\n" ..
    "Content-Length: " .. #body .. "\r\n" .. (headers or "") .. "\r\n" .. body
end

local function signature_of(text)
  ffi.C.HMAC(sha256, key, #key, text, #text, mac, mac_length)
  return ffi.string(mac_text, ffi.C.EVP_EncodeBlock(mac_text, mac, mac_bytes))
end

local function payment_of(order_id, total, currency)
  local id, at = "pay_" .. order_id, os.time()
  local body = '{"idempotency_key":"' .. id .. '","order_id":' .. order_id .. ',"status":"paid","amount":' .. total ..
    ',"currency":"' .. currency .. '","payment_reference":"' .. id .. '"}'
  local headers = "webhook-id: " .. id .. "\r\nwebhook-timestamp: " .. at .. "\r\nwebhook-signature: v1," ..
    signature_of(id .. "." .. at .. "." .. body) .. "\r\n"
  return request_of("/payments/webhook", body, headers)
end

function init(args)
  key = args[2]:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end)
  hold_request = request_of("/holds", '{"product_id":' .. args[1] .. ',"qty":1}')
  local found, digest = pcall(function() return ffi.C.EVP_sha256() end)
  if not found then
    os.exit(without_signatures)
  end
  sha256 = digest
end

function request()
  if first > last then
    return hold_request
  end
  local step = steps[first]
  steps[first] = nil
  first = first + 1
  return step
end

local function line_up(step)
  last = last + 1
  steps[last] = step
end

function response(status, _, body)
  local field, id = body:match('^{"([%a_]+)":"?([%w_]+)')
  if status == 201 and field == "hold_id" then
    line_up(request_of("/orders", '{"hold_id":' .. id .. "}"))
  elseif status == 201 and field == "order_id" then
    local total, currency = body:match('"total":([%d.]+),"currency":"(%u+)"')
    line_up(payment_of(id, total, currency))
  elseif status == 200 and id == "processed" then
    completed = completed + 1
  else
    unexpected = unexpected + 1
  end
end
