package dev.larder.store.script;

import java.util.List;

/** What scripts do and try, one line each; the real server says what is right. */
final class Snippets {
    static final List<String> ALL =
            """
            return 1
            return 3.99
            return -3.99
            return 'x'
            return true
            return false
            return nil
            return
            return {1,2,{3,'four'},true,false,5}
            return {1,nil,3}
            return {ok='fine'}
            return {err='MY bad'}
            return {err='bad'}
            return {double=3.5}
            return {1,{ok='x'},{err='E y'}}
            return {KEYS[1],KEYS[2],ARGV[1],ARGV[3],#KEYS,#ARGV}
            return redis.call('set',KEYS[1],'v')
            redis.call('set',KEYS[1],'v') return redis.call('get',KEYS[1])
            return redis.call('get','nope')
            return {redis.call('get','nope')==false}
            return redis.call('incr',KEYS[1])
            redis.call('set','s','x') return redis.call('incr','s')
            redis.call('set','s','x') return redis.pcall('incr','s')
            redis.call('set','s','x') local r=redis.pcall('incr','s') return r.err
            redis.call('hset','h','f','1') return redis.call('get','h')
            redis.call('hset','h','f','1') return redis.call('hgetall','h')
            redis.call('hset','h','f','1') redis.setresp(3) local r=redis.call('hgetall','h') return r.map.f
            redis.setresp(3) return redis.call('get','nope') == nil and 'nil' or 'other'
            redis.setresp(4)
            return redis.setresp()
            redis.call('set','a','1') return redis.call('mget','a','b')
            return redis.call('mget','a','b')[1] == false
            return redis.call()
            return redis.pcall()
            return redis.call('set','a',{})
            return redis.call('echo', 12)
            return redis.call('echo', 12.5)
            return redis.call('echo', 0.1)
            return redis.call('echo', 1e20)
            return redis.call('echo', 1e15)
            return redis.call('echo', 1e17)
            return redis.call('echo', 123456789012345678)
            return redis.call('echo', 'a\\0b')
            local ok, e = pcall(redis.call, 'nosuch') return {ok, type(e)}
            redis.call('set','s','x') local ok, e = pcall(redis.call, 'incr', 's') return {ok, e.err}
            redis.call('set','s','x') local ok, e = pcall(function() return redis.call('incr', 's') end) return {tostring(ok), e.err}
            return redis.error_reply('My Err')
            return redis.error_reply('X')
            return redis.error_reply('-CODE text')
            return redis.error_reply(1)
            return redis.error_reply()
            return redis.status_reply('GOOD')
            return redis.status_reply({})
            return redis.sha1hex('abc')
            return redis.sha1hex()
            return redis.sha1hex(12)
            return redis.log()
            return redis.log('x','y')
            return redis.log(10,'y')
            return redis.log(redis.LOG_DEBUG,'y')
            return redis.REPL_ALL + redis.LOG_WARNING
            return redis.set_repl(redis.REPL_ALL)
            return redis.set_repl(20)
            return redis.set_repl()
            return redis.replicate_commands()
            return redis.breakpoint()
            return redis.acl_check_cmd()
            return redis.acl_check_cmd('get','x')
            return redis.REDIS_VERSION
            return redis.REDIS_VERSION_NUM
            return foo
            foo = 1
            return _G.foo
            _G.foo = 1
            _G = {}
            redis = function() return 1 end
            redis.call = function() return 1 end
            cjson.encode = 1
            string.rep = nil
            setmetatable(_G, {})
            local g = getmetatable(_G) g.__index = {}
            local m = getmetatable(_G) return type(m)
            rawset(_G,'x',1)
            rawset(string,'x',1)
            return getmetatable('').__index == string
            getmetatable('').__index = nil
            return type(redis)..type(_G)..type(string)
            print('x')
            dofile('x')
            return loadfile
            return newproxy
            return setfenv
            return getfenv
            return require
            return io
            return os
            return debug
            return package
            return module
            return loadstring('return 7')()
            return loadstring('x = 7')()
            return loadstring('return foo')()
            return {loadstring('a =')}
            return select(2, loadstring('a ='))
            return select(2, loadstring('a =', '=name'))
            return load(function() return nil end) ~= nil
            local n=0 return load(function() n=n+1 if n==1 then return 'return ' elseif n==2 then return '42' end end)()
            error('boom')
            error({err='TAB le'})
            error(nil)
            error()
            error(12)
            error('boom', 0)
            error('boom', 2)
            assert(false)
            assert(false, 'why')
            assert(nil, {err='E x'})
            local function f() error('deep') end f()
            local x = nil; return x.y
            local x = nil; return x()
            return 1 + {}
            return 'a' .. {}
            return {} < {}
            return #5
            local t = {} t[nil] = 1
            return foo(
            return 1 end
            x = = 2
            return pcall(error, 'x')
            return {pcall(error, 'x')}
            return select(2, pcall(error, {1,2}))
            return {pcall(function() error('in') end)}
            return {xpcall(function() error('in') end, function(m) return 'H:' .. m end)}
            return {xpcall(function() return 1,2,3 end, print)}
            return {xpcall(function() return 1,2,3 end, error)}
            return {pcall()}
            return select('#', pcall(function() end))
            return tostring(nil) .. tostring(true) .. tostring(12) .. tostring(1.5)
            return tostring(1e15) .. ' ' .. tostring(1e14) .. ' ' .. tostring(0.1) .. ' ' .. tostring(1/3)
            return tostring(1/0) .. tostring(-1/0)
            return tonumber('0x10') + tonumber('  12  ') + tonumber('z', 36)
            return {math.random(1000), math.random(1000), math.random(5, 9)}
            return tostring(math.random())
            math.randomseed(42) return {math.random(1000000), math.random(1000000)}
            return math.random(0)
            return math.random(3,1)
            return math.random(1,2,3)
            return {math.floor(3.7), math.max(1,5,3), math.abs(-4), math.fmod(7,3)}
            return string.format('%5.2f|%d|%s|%q|%x|%c', 3.14159, 42, 'str', 'q"q', 255, 65)
            return string.format('%d', 'x')
            return ('abc'):upper() .. ('x'):rep(3) .. #('hello')
            return string.rep('ab', 0) .. string.rep('ab', -1) .. string.rep('', 100)
            return {string.find('hello world', 'o w')}
            return {string.find('hello world', 'l+')}
            return {string.find('hello', '(l)(l)')}
            return {string.find('hello', 'xyz') == nil}
            return {string.find('a.b', '.', 1, true)}
            return {string.find('a.b', '%.')}
            return {string.find('abc', 'b', -1) == nil}
            return {string.find('abc', '', 10) == nil, string.find('abc', '', 4)}
            return {string.match('key=value', '(%w+)=(%w+)')}
            return {string.match('2024-01-02', '(%d+)-(%d+)-(%d+)')}
            return {string.match('  trim  ', '^%s*(.-)%s*$')}
            return {string.match('hello', '()ll()')}
            return {string.match('THE (quick) fox', '%((%a+)%)')}
            return {string.match('f(a(b)c)d', '%b()')}
            return {string.gsub('THE (quick) fox', '%f[%a]%a+', 'X')}
            return {string.gsub('hello world', 'o', '0')}
            return {string.gsub('hello world', '(%w+)', '<%1>')}
            return {string.gsub('hello world', '%w+', '%0 %0', 1)}
            return {string.gsub('hello', '', '-')}
            return {string.gsub('$name is $age', '%$(%w+)', {name='Bob', age=42})}
            return {string.gsub('abc', '%w', function(c) return c .. c end)}
            return {string.gsub('abc', '%w', function(c) if c == 'b' then return false end return 'x' end)}
            return {string.gsub('abc', 'b', '%%')}
            return {string.gsub('abc', 'b', '%2')}
            return {string.gsub('abc', 'b', {})}
            return {string.gsub('abc', 'b', true)}
            return {string.gsub('abc', 'b', function() return {} end)}
            return {string.gsub('abc', 'b', function() error('cb') end)}
            return {string.gsub('abc', '^a', 'x')}
            return {string.gsub('abc def', '%s+', '')}
            return {string.find('a]b', '[]]')}
            return {string.find('a-b', '[a%-]+')}
            return {string.find('x^y', '[x^]+')}
            return {string.find('abc', '[^a]')}
            return {string.find('abcabc', '(a)bc%1')}
            return string.find('abc', '(')
            return string.find('abc', '[a')
            return string.find('abc', '%')
            return string.find('abc', '(()')
            return string.find('abc', ')')
            return string.find('abc', '%1')
            return string.find('abc', '%f')
            return string.find(nil, 'x')
            local x = string.find('x') return x
            return ('x'):find({})
            return string.find('x', 'x', 'y')
            local t = {} for w in string.gmatch('one two three', '%a+') do t[#t+1] = w end return t
            local t = {} for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do t[#t+1] = k .. v end return t
            local t = {} for p in string.gmatch('abc', '()') do t[#t+1] = p end return t
            local t = {} for w in ('a,b,,c'):gmatch('([^,]*)') do t[#t+1] = '[' .. w .. ']' end return t
            return {string.byte('abc', 1, -1)}
            return string.char(65, 66, 0, 255)
            return ('abc'):reverse() .. ('ABC'):lower() .. ('hello'):sub(2, -2)
            return table.concat({1, 2, 'x'}, ',')
            return table.concat({1, {}, 'x'}, ',')
            local t = {3, 1, 2} table.sort(t) return t
            local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t
            local t = {1, 2} table.insert(t, 3) table.insert(t, 1, 0) table.remove(t) return t
            table.insert(1, 2)
            return {unpack({1, 2, 3})}
            return {unpack({1, 2, 3}, 2)}
            return {unpack({1, 2, 3}, 2, 5)}
            return {select('#', unpack({}, 1, 3))}
            return unpack({}, 1, 1e8)
            return unpack(1)
            return select('#', 1, nil, nil)
            return {next({})}
            return select(-1, 1, 2, 3)
            return select(0)
            local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.x
            local t = setmetatable({}, {__call = function(self, a) return a + 1 end}) return t(4)
            local t = setmetatable({}, {__metatable = 'no'}) return getmetatable(t)
            setmetatable(setmetatable({}, {__metatable = 'no'}), {})
            setmetatable(1, {})
            setmetatable({}, 1)
            local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return {co(1), co(10)}
            local co = coroutine.create(function() error('in co') end) return {tostring(coroutine.resume(co)), select(2, coroutine.resume(co))}
            local co = coroutine.create(function() redis.call('nosuch') end) local ok, e = coroutine.resume(co) return {tostring(ok), type(e), e.err ~= nil}
            local f = coroutine.wrap(function() error('w') end) f()
            return {pcall(coroutine.wrap(function() redis.call({}) end))}
            return coroutine.yield(1)
            return collectgarbage('count') > 0
            return collectgarbage('nope')
            return cjson.encode({1, 2, 3})
            return cjson.encode({a = 1})
            return cjson.encode({})
            return cjson.encode('a/b"c\\\\d\\n\\t\\1\\127')
            return cjson.encode({1, 2, nil, 4})
            return cjson.encode({[1] = 1, [2] = 2, [20] = 3})
            return cjson.encode({[5] = 1})
            return cjson.encode({[1.5] = 1})
            return cjson.encode({[-1] = 1})
            return cjson.encode({[true] = 1})
            return cjson.encode(function() end)
            return cjson.encode({f = print and 1})
            return cjson.encode({f = error})
            return cjson.encode(0/0)
            return cjson.encode(1/0)
            return cjson.encode({1, 1.5, 1e20, 0.1, -0, 1/3, 123456789012345, 1e14, 1e15})
            return cjson.encode({cjson.null, true, false})
            return cjson.encode()
            return cjson.encode(1, 2)
            return cjson.decode()
            local t = {} for i = 1, 1001 do t = {t} end return cjson.encode(t)
            return cjson.decode('[1,2,[3,"x"]]')
            return cjson.decode('{"a":{"b":[10]}}').a.b[1]
            return cjson.decode('"\\\\u00e9\\\\ud83d\\\\ude00\\\\n"')
            return cjson.decode('[null]')[1] == cjson.null
            return tostring(cjson.null)
            return type(cjson.null)
            return cjson.decode('null') == cjson.null
            return tostring(cjson.decode('1.5e3')) .. tostring(cjson.decode('-0.25'))
            return cjson.decode('')
            return cjson.decode('[1,')
            return cjson.decode('[1 2]')
            return cjson.decode('{"a" 1}')
            return cjson.decode('{a:1}')
            return cjson.decode('{"a":1')
            return cjson.decode('{"a":1,}')
            return cjson.decode('nope')
            return cjson.decode('"abc')
            return cjson.decode('"\\\\x"')
            return cjson.decode('"\\\\u12"')
            return cjson.decode('[1] x')
            return cjson.decode('tru')
            return cjson.decode('-')
            return cjson.decode(']')
            return cjson.decode({})
            return cjson.decode(12)
            return #cjson.decode(string.rep('[', 1000) .. string.rep(']', 1000))
            return cjson.decode(string.rep('[', 1001) .. string.rep(']', 1001))
            return cjson.encode(cjson.decode('{"x":[]}'))
            return cjson.encode(cjson.decode('[]'))
            return {cjson.encode_sparse_array()}
            cjson.encode_max_depth(0)
            return cjson.encode_max_depth()
            return cjson.encode_number_precision()
            return tostring(cjson.encode_keep_buffer())
            return cmsgpack.pack(1, -1, 127, 128, 255, 256, 65535, 65536, 4294967296, -32, -33, -128, -129, -32769, -2147483649)
            return cmsgpack.pack(1.5, 0.1, 'str', true, false, nil)
            return cmsgpack.pack({1, 2, 3})
            return cmsgpack.pack({a = 1})
            return cmsgpack.pack({})
            return cmsgpack.pack(string.rep('x', 31), string.rep('x', 32), string.rep('x', 300))
            return {cmsgpack.unpack(cmsgpack.pack(1, 'a', {1, 2, {b = 3}}))}
            return cmsgpack.unpack(cmsgpack.pack({a = {b = 'c'}})).a.b
            return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3))}
            return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)}
            return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 1, 1)}
            return cmsgpack.unpack(string.char(0xc1))
            return cmsgpack.unpack(string.char(0xcd, 1))
            return cmsgpack.unpack(string.char(0x93, 1))
            return cmsgpack.pack()
            return cmsgpack.unpack()
            local t = {} t[1] = t return cmsgpack.pack(t)
            return struct.pack('>I2h', 258, -2)
            return struct.pack('<i4bBHlL', -5, -1, 255, 65535, -1, 1)
            return struct.pack('>dfs', 1.5, 2.5, 'abc')
            return struct.pack('!4bi4', 1, 2)
            return struct.pack('c3c0xi3', 'abcdef', 'xyz', 70000)
            return {struct.unpack('>I2h', struct.pack('>I2h', 258, -2))}
            return {struct.unpack('<i8', struct.pack('<i8', -77))}
            return {struct.unpack('s', 'abc\\0def')}
            return {struct.unpack('Bc0', '\\3abcdef')}
            return {struct.size('>I2hi4'), struct.size('!bi4')}
            return struct.unpack('>I4', 'abc')
            return struct.unpack('s', 'abc')
            return struct.pack('z', 1)
            return struct.pack('i33', 1)
            return struct.size('s')
            return struct.unpack('>I2', 'abcd', 0)
            return {struct.unpack('>I2', 'abcd', 3)}
            return {bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(5, 1), bit.bnot(0)}
            return {bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-16, 2), bit.rol(1, 33), bit.ror(1, 1)}
            return {bit.tobit(0xffffffff), bit.tobit(2^32 + 5), bit.bswap(0x12345678)}
            return {bit.tohex(255), bit.tohex(255, 4), bit.tohex(-1, -2), bit.tohex(1, 100)}
            return bit.band('x')
            return bit.band()
            return {big_number = '123456789012345678901'}
            return {verbatim_string = {string = 'hi', format = 'txt'}}
            return {map = {a = 1}}
            return {set = {a = true}}
            redis.setresp(3) return true
            redis.setresp(3) return false
            return {double = 1e100}
            return {ok = 'two\\nlines'}
            return function() end
            return coroutine.create(function() end)
            return {function() end, 2}
            return 1e300
            return -1e300
            return 0/0
            return 9007199254740993
            local s = 0 for i = 1, 100 do s = s + i end return s
            local t = {} for k, v in pairs({a = 1, b = 2, c = 3}) do t[#t + 1] = k .. v end table.sort(t) return t
            goto = 1
            local a <const> = 1
            return #ARGV[1] .. #'\\065\\10'
            return 5 // 2
            return 2^10 % 7
            return 'multi' .. [[
            return _VERSION
            return gcinfo() > 0
            return rawequal(redis, redis)
            return rawget(redis, 'nope')
            return redis.nope
            return redis.nope()
            return math.nope
            return string.dump == nil
            return {pcall(string.rep)}
            return {pcall(string.rep, 'x', 'y')}
            return math.pi > 3 and math.huge == 1/0
            return {table.maxn({1, 2, [10] = 3}), table.getn({1, 2})}
            local t = {} table.foreach({x = 1}, function(k, v) t[1] = k t[2] = v end) return t
            """
                    .lines()
                    .toList();

    private Snippets() {}
}
