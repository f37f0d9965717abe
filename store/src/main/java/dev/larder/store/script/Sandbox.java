package dev.larder.store.script;

/** What is run once in a new state of Lua to lay out what scripts see. */
final class Sandbox {
    /**
     * Takes the table of functions written in Java, the version and its number; returns the
     * environment of scripts, the table of real globals, a function that empties what a script
     * managed to put into protected tables, one that lays a library's globals in their place while
     * it is loaded, and one that reads a field of a table.
     */
    static final String CODE =
            """
            local native, version, version_number = ...
            local setmetatable, getmetatable, rawset, next = setmetatable, getmetatable, rawset, next
            local guarded, reals, locked = {}, {}, {}

            local function guard(real)
              local meta = {__index = real, __newindex = native.readonly}
              local proxy = setmetatable({}, meta)
              -- What getmetatable shows leads back to the proxy and never to what it guards.
              local face = setmetatable({}, {
                __index = {__index = proxy, __newindex = native.readonly},
                __newindex = native.readonly, __metatable = false})
              meta.__metatable = face
              native.protect(proxy)
              native.protect(face)
              reals[proxy] = real
              locked[proxy], locked[face] = true, true
              guarded[#guarded + 1] = proxy
              guarded[#guarded + 1] = face
              return proxy, meta
            end

            local globals = {}
            for _, name in ipairs{"assert", "error", "gcinfo", "ipairs", "rawequal", "select", "tonumber", "tostring", "type",
                "_VERSION"} do
              globals[name] = _G[name]
            end
            for _, name in ipairs{"pcall", "xpcall", "rawset", "setmetatable", "loadstring",
                "unpack", "collectgarbage"} do
              globals[name] = native[name]
            end

            -- The reader is called here and not by the parser, see PucLua.
            local loadstring, concat = native.loadstring, table.concat
            local type, error = type, error
            function globals.load(reader, name)
              if type(reader) ~= "function" then
                error("bad argument #1 to 'load' (function expected, got " .. type(reader) .. ")")
              end
              local pieces, n = {}, 0
              while true do
                local piece = reader()
                if piece == nil or piece == "" then break end
                if type(piece) ~= "string" then
                  return nil, "reader function must return a string"
                end
                n = n + 1
                pieces[n] = piece
              end
              return loadstring(concat(pieces), name or "=(load)")
            end

            -- Looking through a guarded table shows what it guards, which itself stays hidden.
            local select, rawget = select, rawget
            local function check(name, ...)
              error("bad argument #1 to '" .. name .. "' (table expected, got "
                .. (select("#", ...) == 0 and "no value" or type((...))) .. ")", 3)
            end
            function globals.next(...)
              local t, k = ...
              if type(t) ~= "table" then check("next", ...) end
              return next(reals[t] or t, k)
            end
            function globals.rawget(...)
              local t, k = ...
              if type(t) ~= "table" then check("rawget", ...) end
              return rawget(reals[t] or t, k)
            end
            function globals.pairs(...)
              local t = ...
              if type(t) ~= "table" then check("pairs", ...) end
              local real = reals[t]
              if real then
                return function(_, k) return next(real, k) end, t, nil
              end
              return next, t, nil
            end
            function globals.getmetatable(...)
              local t = ...
              if reals[t] and t ~= globals._G then
                return nil
              elseif select("#", ...) == 0 then
                error("bad argument #1 to 'getmetatable' (value expected)", 2)
              end
              return (getmetatable(t))
            end

            local string = string
            for _, name in ipairs{"rep", "find", "match", "gmatch", "gsub"} do
              string[name] = native[name]
            end
            string.gfind = native.gmatch
            local string_meta = getmetatable("")
            globals.string = guard(string)
            string_meta.__index = globals.string
            string_meta.__metatable = getmetatable(globals.string)

            math.random, math.randomseed = native.random, native.randomseed
            globals.math = guard(math)
            -- It writes past metatables, so what is guarded must be asked for.
            local insert, refuse = table.insert, native.rawset
            function table.insert(...)
              local t, n = (...), select("#", ...)
              if type(t) ~= "table" then check("insert", ...) end
              if n ~= 2 and n ~= 3 then error("wrong number of arguments to 'insert'", 2) end
              if locked[t] then refuse(t, 1, 1) end
              insert(...)
            end
            globals.table = guard(table)
            globals.coroutine = guard(coroutine)

            local function library(prefix, names)
              local made = {}
              for _, name in ipairs(names) do made[name] = native[prefix .. name] end
              return made
            end

            local null = native.null()
            local function json()
              local made = library("cjson_", {"encode", "decode", "encode_sparse_array",
                "encode_max_depth", "decode_max_depth", "encode_number_precision",
                "encode_keep_buffer", "encode_invalid_numbers", "decode_invalid_numbers"})
              made.null, made._NAME, made._VERSION = null, "cjson", "2.1.0"
              return made
            end
            local cjson = json()
            cjson.new = json
            globals.cjson = guard(cjson)

            local cmsgpack = library("cmsgpack_", {"pack", "unpack", "unpack_one", "unpack_limit"})
            cmsgpack._NAME, cmsgpack._VERSION = "cmsgpack", "lua-cmsgpack 0.4.0"
            cmsgpack._COPYRIGHT = "Copyright (C) 2012, Salvatore Sanfilippo"
            cmsgpack._DESCRIPTION = "MessagePack C implementation for Lua"
            globals.cmsgpack = guard(cmsgpack)
            globals.struct = guard(library("struct_", {"pack", "unpack", "size"}))
            globals.bit = guard(library("bit_", {"tobit", "bnot", "band", "bor", "bxor", "lshift",
              "rshift", "arshift", "rol", "ror", "bswap", "tohex"}))

            local redis = library("", {"error_reply", "status_reply", "sha1hex", "log", "setresp",
              "acl_check_cmd", "set_repl", "breakpoint", "debug", "replicate_commands", "call"})
            redis.pcall = native.try
            redis.REPL_NONE, redis.REPL_AOF, redis.REPL_SLAVE, redis.REPL_REPLICA = 0, 1, 2, 2
            redis.REPL_ALL = 3

            local strict = {__index = native.nonexistent}
            local loading = {register_function = native.register_function, log = native.log}
            for _, t in ipairs{redis, loading} do
              t.LOG_DEBUG, t.LOG_VERBOSE, t.LOG_NOTICE, t.LOG_WARNING = 0, 1, 2, 3
              t.REDIS_VERSION, t.REDIS_VERSION_NUM = version, version_number
            end
            globals.redis = guard(redis)
            globals.server = globals.redis
            setmetatable(globals, strict)
            local environment, environment_meta = guard(globals)
            globals._G = environment

            -- All that a library sees while it is loaded.
            local loading_redis = guard(setmetatable(loading, strict))
            local loading_globals =
              setmetatable({redis = loading_redis, server = loading_redis}, strict)

            return environment, globals, function()
              for _, proxy in ipairs(guarded) do
                while true do
                  local key = next(proxy)
                  if key == nil then break end
                  rawset(proxy, key, nil)
                end
              end
            end, function(yes)
              environment_meta.__index = yes and loading_globals or globals
            end, function(t, key) return t[key] end
            """;

    private Sandbox() {}
}
