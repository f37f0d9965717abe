package dev.larder.store.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that mean harm get an error, and the engine goes on as if nothing had been. */
class HostileScriptTest {
    private static final long LIMIT_BYTES = 64 << 20;

    private TinyHost host;
    private PucLua engine;

    @BeforeEach
    void open() throws ScriptException {
        host = new TinyHost();
        engine = PucLua.open(LIMIT_BYTES, "7.2.4");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private Reply run(String source) {
        try {
            return engine.run(
                    engine.compile(source.getBytes(StandardCharsets.ISO_8859_1)),
                    Args.of(List.of()),
                    0,
                    0,
                    host);
        } catch (ScriptException e) {
            return new Reply.Failure(e.getMessage());
        }
    }

    private void goesOn() {
        host = new TinyHost();
        assertThat(run("return redis.call('incr', 'x') + #string.rep('ab', 3)"))
                .isEqualTo(Reply.integer(7));
        assertThat(run("return {pcall(function() redis.call({}) end)}"))
                .isEqualTo(
                        Reply.array(
                                Reply.Nil.BULK,
                                Reply.bulk(
                                        "ERR Lua redis lib command arguments must be strings or"
                                                + " integers")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while true do end",
                "repeat until false",
                "for i = 1, 1e300 do end",
                "while true do pcall(function() while true do end end) end",
                "while true do pcall(error, 'x') end",
                "while true do pcall(redis.call, 'nosuch') end",
                "while true do redis.pcall('nosuch') end",
                "while true do xpcall(function() while true do end end, function() end) end",
                "xpcall(function() redis.call('no') end, function() while true do end end)",
                "xpcall(error, function() while true do end end)",
                "while true do coroutine.wrap(function() while true do end end)() end",
                "local c = coroutine.wrap(function() while true do coroutine.yield() end end)"
                        + " while true do c() end",
                "while true do coroutine.resume(coroutine.create(function() error('x') end)) end",
                "while true do pcall(coroutine.wrap(function() while true do end end)) end",
                "while true do loadstring('return 1')() end",
                "local f f = function() return f() end f()",
                "setmetatable(redis and {}, {__index = function() while true do end end}).x = 1"
                        + " local t = setmetatable({}, {__index = function() while true do end end})"
                        + " return t.x",
                "local t = {} for i = 1, 1000 do t[i] = i end"
                        + " table.sort(t, function() while true do end end)",
                "string.gsub('x', 'x', function() while true do end end)",
                "while true do string.gsub('x', 'x', '%0') end",
                "return string.find(string.rep('a', 3000), string.rep('a-', 60) .. 'b')",
                "return string.find(string.rep('a', 40), string.rep('a?', 40) .. string.rep('a', 41)"
                        + " .. 'b')",
                "return string.match(string.rep('(', 100000), string.rep('.-', 20) .. '%b()')",
                "load(function() while true do end end)",
                "while true do pcall(load, function() error('x') end) end",
            })
    void anEndlessLoopIsEnded(String source) {
        host.endAfterMillis(50);
        Reply reply =
                Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> run(source));
        assertThat(reply).isInstanceOf(Reply.Failure.class);
        assertThat(((Reply.Failure) reply).text()).startsWith("ERR Error running script: time");
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"_G", "redis", "math", "table", "cjson", "getmetatable(_G)"})
    void nothingIsLeftInWhatScriptsShare(String shared) {
        Reply reply = run("table.insert(" + shared + ", 7) return 1");
        assertThat(((Reply.Failure) reply).text())
                .startsWith("ERR Attempt to modify a readonly table script: ");
        assertThat(run("return rawget(" + shared + ", 1)")).isEqualTo(Reply.Nil.BULK);
    }

    @Test
    void anotherThreadCanEndAScript() throws Exception {
        Thread killer = Thread.ofPlatform().start(() -> host.kill = "ERR killed from outside");
        Reply reply = run("while true do pcall(function() while true do end end) end");
        killer.join();
        assertThat(((Reply.Failure) reply).text()).startsWith("ERR killed from outside script: ");
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "local t = {} while true do t[#t + 1] = string.rep('x', 1000) .. #t end",
                "local s = 'x' while true do s = s .. s end",
                "local t = {} for i = 1, 1e9 do t[i] = i end",
                "return string.rep('x', 1e9)",
                "return string.rep('x', 1e18)",
                "return string.rep(string.rep('x', 1e6), 1e6)",
                "local s = string.rep('x', 3e7) return s .. s .. 'y' .. s",
                "local t = {} for i = 1, 100 do t[i] = string.rep('x', 1e6) end"
                        + " return table.concat(t)",
                "local s = string.rep('x', 1e6) return string.gsub(s, 'x', string.rep('y', 1000))",
                "local t = {} while true do t[#t + 1] = function() return t end end",
                "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
                "local s = '[' .. string.rep('[1],', 5e6) .. '1]' return cjson.decode(s)",
                "local x = {} for i = 1, 100 do x[i] = string.rep('/', 1e5) end"
                        + " return #cjson.encode({x, x, x, x, x, x, x, x})",
                "local s = string.rep('x', 1e6) local t = {} for i = 1, 100 do t[i] = s end"
                        + " return cmsgpack.pack(t)",
                "collectgarbage('stop') local n = 0 while true do n = n + 1 local t = {n, n} end",
            })
    void aMemoryHogIsCapped(String source) {
        host.endAfterMillis(5_000);
        Reply reply =
                Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> run(source));
        assertThat(reply).isInstanceOf(Reply.Failure.class);
        assertThat(engine.memoryBytes()).isLessThan(LIMIT_BYTES * 2);
        goesOn();
        assertThat(engine.memoryBytes()).isLessThan(LIMIT_BYTES / 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "local function f(n) return 1 + f(n + 1) end return f(1)",
                "local function f() return pcall(f) end f() error('end')",
                "local f f = function() return coroutine.wrap(f)() end return f()",
                "local t = {} setmetatable(t, {__index = function(t, k) return t[k] end}) return t.x",
                "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
                "local function f(s) return (string.gsub(s, '.', f)) end return f('x')",
                "return string.find(string.rep('x', 1e6), string.rep('x?', 1e6))",
                "return string.find('x', string.rep('(', 100))",
                "return string.match(string.rep('a', 1e6), string.rep('a*', 1e5))",
                "return unpack({}, 0, 2147483647)",
                "return unpack({}, -2147483648, 2147483647)",
                "return unpack({}, 1, 1e8)",
                "return unpack({}, 1e300, 1e301)",
                "return select('#', unpack({}, 1, 7990)) + {}",
                "return cjson.decode(string.rep('[', 1e6))",
                "cjson.encode_max_depth(1e6) local t = {} for i = 1, 1e5 do t = {t} end"
                        + " return cjson.encode(t)",
                "local t = {} for i = 1, 1e5 do t = {t} end return cmsgpack.pack(t) .. {}",
                "return cmsgpack.unpack(string.rep('\\145', 1e6))",
                "local s = 'return ' .. string.rep('(', 1e4) .. '1' .. string.rep(')', 1e4)"
                        + " return loadstring(s)()",
                "return loadstring(string.rep('{', 1e5))()",
                "return string.format('%99999d', 1)",
                "local a = {} for i = 1, 300 do a[i] = 'local a' .. i end"
                        + " return loadstring(table.concat(a, ' '))()",
                "return {pcall(string.char, unpack({}, 1, 5000))} .. 1",
                "local s = struct.pack('i4', 1) return struct.unpack('c0', s)",
                "return struct.unpack('i4', 'abcd', 2147483647)",
                "return struct.pack('!16i16', 1) .. {}",
                "return struct.unpack('c2147483647', 'x')",
            })
    void depthAndSizeAreBounded(String source) {
        host.endAfterMillis(10_000);
        Reply reply =
                Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> run(source));
        assertThat(reply).isInstanceOf(Reply.Failure.class);
        goesOn();
    }

    @Test
    void aDeepAnswerIsBounded() {
        Reply reply = run("local t = {} for i = 1, 1e5 do t = {t} end return t");
        assertThat(reply.toString()).contains("reached lua stack limit");
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "loadstring('\\27Lua')()",
                "loadstring(string.dump(function() end))()",
                "loadstring('x = 1')()",
                "x = 1",
                "_G.x = 1",
                "rawset(_G, 'x', 1)",
                "_G = nil",
                "string.format = nil",
                "getmetatable('').__index = {}",
                "setmetatable('', {})",
                "setmetatable(string, {})",
                "getmetatable(_G).__newindex = nil",
                "getmetatable(getmetatable(_G)).__newindex = nil",
                "rawset(getmetatable(_G), '__newindex', nil)",
                "rawset(getmetatable(''), '__index', nil)",
                "getmetatable(getmetatable(_G).__index).__index = {}",
                "setfenv(1, {})",
                "getfenv(0)",
                "newproxy(true)",
                "os.execute('true')",
                "io.open('/etc/passwd')",
                "require('io')",
                "package.loadlib('x', 'y')",
                "debug.getregistry()",
                "dofile('/etc/passwd')",
                "loadfile('/etc/passwd')",
                "load(string.dump(function() end))()",
            })
    void theSandboxHolds(String source) {
        assertThat(run(source)).isInstanceOf(Reply.Failure.class);
        assertThat(run("return rawget(_G, 'x') == nil and ('%d'):format(3)"))
                .isEqualTo(Reply.bulk("3"));
        goesOn();
    }

    @Test
    void whatAScriptBreaksThroughTheMetatableOfGlobalsIsNotTheGlobals() {
        run("local real = getmetatable(_G).__index pcall(function() real.redis = nil end)");
        run("local real = getmetatable(string).__index pcall(function() real.rep = nil end)");
        goesOn();
    }
}
