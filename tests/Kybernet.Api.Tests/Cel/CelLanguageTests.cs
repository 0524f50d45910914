using System.Text.Json.Nodes;
using Kybernet.Api.Cel;

namespace Kybernet.Api.Tests.Cel;

public sealed class CelLanguageTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("7 / 2", "3")]
    [InlineData("-7 % 3", "-1")]
    [InlineData("7u / 2u", "3")]
    [InlineData("1.5 + 1.0", "2.5")]
    [InlineData("0xff", "255")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("--1", "1")]
    [InlineData("!!true", "true")]
    [InlineData("1e3", "1000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1 < 2.5", "true")]
    [InlineData("2u >= 2", "true")]
    [InlineData("'a' < 'b' && b'a' < b'b'", "true")]
    [InlineData("dyn(1) == 1.0 && dyn(1u) == 1", "true")]
    [InlineData("dyn('a') == 1", "false")]
    [InlineData("true ? 'a' : 'b'", "a")]
    [InlineData("1 in [1, 2]", "true")]
    [InlineData("'a' in {'a': 1}", "true")]
    [InlineData("[1, 2] + [3] == [1, 2, 3]", "true")]
    [InlineData("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true")]
    [InlineData("{1: 'x'}[1]", "x")]
    [InlineData("[1, 2, 3][1]", "2")]
    [InlineData("{'a': {'b': 5}}.a.b", "5")]
    [InlineData("\"a\\tb\\u0041\\x42\\101\"", "a\tbABA")]
    [InlineData("r'a\\n'", "a\\n")]
    [InlineData("\"\"\"a\n\"b\"\"\"", "a\n\"b")]
    [InlineData("size(b'\\xff\\x00')", "2")]
    [InlineData("size('äöü😀')", "4")]
    [InlineData("'x'.size() == 1 // a comment", "true")]
    [InlineData("null == null", "true")]
    [InlineData("type(1) == int && type('') == string && type([]) == list && type({}) == map", "true")]
    [InlineData("type(null) == null_type && type(type(1)) == type", "true")]
    [InlineData("has({'a': 1}.a) && !has({'a': 1}.b)", "true")]
    [InlineData("false && (1 / 0 == 1)", "false")]
    [InlineData("(1 / 0 == 1) && false", "false")]
    [InlineData("(1 / 0 == 1) || true", "true")]
    [InlineData("[1, 2, 3].all(x, x > 0)", "true")]
    [InlineData("[1, 0].exists(x, 1 / x == 1)", "true")]
    [InlineData("[0, 1].exists(x, 1 / x == 1)", "true")]
    [InlineData("[1, 2, 2].exists_one(x, x == 2)", "false")]
    [InlineData("[1, 2, 3].map(x, x * 2)", "[2, 4, 6]")]
    [InlineData("[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]")]
    [InlineData("[1, 2, 3].filter(x, x != 2)", "[1, 3]")]
    [InlineData("{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", "true")]
    [InlineData("[[1], [2, 3]].map(l, l.map(x, x + size(l)))", "[[2], [4, 5]]")]
    [InlineData("[5, 6].all(i, v, v == i + 5)", "true")]
    [InlineData("{'a': 1}.exists(k, v, k == 'a' && v == 1)", "true")]
    [InlineData("[5, 6].transformList(i, v, i * v)", "[0, 6]")]
    [InlineData("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)", "{b: 20}")]
    [InlineData("{'a': 'x'}.transformMapEntry(k, v, {v: k})", "{x: a}")]
    [InlineData("cel.bind(x, 2, x * x)", "4")]
    [InlineData("int('12') + int(3.9) + int(4u)", "19")]
    [InlineData("string(1) + string(2.5) + string(true) + string(3u)", "12.5true3")]
    [InlineData("double('1.5') + double(2)", "3.5")]
    [InlineData("bool('true') && !bool('0')", "true")]
    [InlineData("string(b'abc') + string(bytes('d'))", "abcd")]
    [InlineData("timestamp('2024-02-29T12:34:56.789Z').getFullYear()", "2024")]
    [InlineData("timestamp('2024-02-29T12:34:56Z').getMonth()", "1")]
    [InlineData("timestamp('2024-02-29T23:34:56Z').getDate('Europe/Berlin')", "1")]
    [InlineData("timestamp('2024-02-29T12:34:56Z').getHours('-02:00')", "10")]
    [InlineData("timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')", "true")]
    [InlineData("string(timestamp('2024-01-01T00:00:00Z') + duration('1h30m'))", "2024-01-01T01:30:00Z")]
    [InlineData("string(duration('1h1.5s'))", "3601.5s")]
    [InlineData("duration('90m').getHours()", "1")]
    public void An_expression_comes_to_its_value(string text, string expected) => Assert.Equal(expected, CelTesting.Show(CelTesting.Evaluate(text)));

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("1 % 0", "modulus by zero")]
    [InlineData("9223372036854775807 + 1", "integer overflow")]
    [InlineData("-(-9223372036854775808)", "integer overflow")]
    [InlineData("0u - 1u", "unsigned integer overflow")]
    [InlineData("[1][1]", "index out of bounds: 1")]
    [InlineData("{'a': 1}.b", "no such key: b")]
    [InlineData("{'a': 1}['b']", "no such key: b")]
    [InlineData("dyn(1) + dyn('a')", "no such overload")]
    [InlineData("int('x')", "type conversion error from 'string' to 'int'")]
    [InlineData("[0].all(x, 1 / x == 1)", "division by zero")]
    public void An_expression_without_a_value_says_why(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<CelException>(() => CelTesting.Evaluate(text)).Message);

    [Theory]
    [InlineData("x", "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^")]
    [InlineData("self.a && x.y", "ERROR: <input>:1:11: undeclared reference to 'x' (in container '')\n | self.a && x.y\n | ..........^")]
    [InlineData("foo(1)", "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(1)\n | ...^")]
    [InlineData("1 + 'a'", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^")]
    [InlineData("'a'.startsWith(1)", "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | 'a'.startsWith(1)\n | ..............^")]
    [InlineData("1 == null", "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, null)'\n | 1 == null\n | ..^")]
    [InlineData("[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^")]
    [InlineData("1 &&", "ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 &&\n | ....^")]
    [InlineData("true ? 1 : 'a'", "ERROR: <input>:1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'\n | true ? 1 : 'a'\n | .....^")]
    [InlineData("1\n+ true", "ERROR: <input>:2:1: found no matching overload for '_+_' applied to '(int, bool)'\n | + true\n | ^")]
    [InlineData("for", "ERROR: <input>:1:1: reserved identifier: for\n | for\n | ^")]
    [InlineData("'a'.matches('[')", "ERROR: <input>:1:12: invalid matches argument\n | 'a'.matches('[')\n | ...........^")]
    [InlineData("5.all(x, true)", "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | 5.all(x, true)\n | ^")]
    [InlineData("has(1)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(1)\n | ....^")]
    public void A_wrong_expression_is_told_of_as_upstream_does(string text, string expected) =>
        Assert.Equal(expected, CelEnvironment.Kubernetes.With("self", CelType.Dyn).Compile(text).Errors);

    [Fact]
    public void What_an_expression_costs_is_limited()
    {
        var program = CelTesting.Compile("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))");
        var list = new JsonArray([.. Enumerable.Range(0, 200).Select(static item => (JsonNode)item)]);
        var bindings = new CelBindings().Set("self", list);
        var budget = new CelBudget();

        Assert.Throws<CelBudgetException>(() => program.Evaluate(bindings, budget));

        Assert.InRange(budget.Remaining, CelBudget.Total - CelBudget.PerCall - 100, CelBudget.Total - CelBudget.PerCall);
    }

    [Theory]
    [InlineData("self + self", "list is too long")]
    [InlineData("'%s%s'.format([self, self])", "operation cancelled: actual cost limit exceeded")]
    [InlineData("[self, self]", "value is too big")]
    [InlineData("{'a': self, 'b': self}", "value is too big")]
    [InlineData("[1, 2].map(i, self)", "value is too big")]
    [InlineData("self.replace('', self)", "string is too long")]
    [InlineData("self + self ", "operation cancelled: actual cost limit exceeded")]
    public void What_grows_without_bound_is_broken_off(string step, string expected)
    {
        var isList = step == "self + self";
        var text = isList ? "[1, 2]" : "'0123456789'";
        for (var i = 0; i < 50; i++)
        {
            text = $"cel.bind(self, {text}, {step})";
        }

        Assert.Equal(expected, Assert.ThrowsAny<CelException>(() => CelTesting.Evaluate(text)).Message);
    }
}
