using Kybernet.Api.Cel;

namespace Kybernet.Api.Tests.Cel;

public sealed class CelParserFuzzTests
{
    private static readonly string[] Words =
    [
        "a", "self", ".", ".?", "[", "[?", "]", "{", "}", "(", ")", ",", ":", "?", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "<", "in", "1", "1u", "2.5",
        "'x'", "b'x'", "r'\\'", "\"\"\"", "true", "null", "has", "all", "map", "exists_one", "cel.bind", "x", "size", "\\", "\u0000", "\ud83d\ude00", "\ud83d", "0x", "1e", "for",
    ];

    [Fact]
    public void Any_sequence_of_words_is_compiled_or_refused()
    {
        var environment = CelEnvironment.Kubernetes.With("self", CelType.Dyn);
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var text = string.Join(random.Next(2) == 0 ? " " : "", Enumerable.Range(0, random.Next(1, 14)).Select(_ => Words[random.Next(Words.Length)]));

            var compilation = environment.Compile(text);

            Assert.True(compilation.Program is null == compilation.Issues.Count > 0, text);
        }
    }

    [Fact]
    public void Whatever_an_expression_meets_it_has_a_value_or_says_why_not()
    {
        string[] values = ["self", "self.a", "self.list", "self.map", "1", "-1", "2u", "1.5", "'x'", "b'y'", "null", "true", "[1, 2]", "dyn([])", "{'k': 1}", "duration('1s')",
            "timestamp('2024-01-01T00:00:00Z')", "quantity('1k')", "url('/a')", "ip('::1')", "cidr('10.0.0.0/8')", "semver('1.0.0')", "optional.of(1)", "optional.none()", "format.uri()", "type(1)"];
        string[] methods = ["size()", "contains('a')", "startsWith(dyn(1))", "matches(dyn('['))", "split('')", "join()", "substring(-1)", "substring(5, 2)", "charAt(9)", "indexOf('x')", "replace('', 'y')",
            "format([dyn(1)])", "min()", "max()", "sum()", "isSorted()", "lastIndexOf(dyn(null))", "getHours('Nowhere/At_all')", "getFullYear()", "asInteger()", "add(5)", "getQuery()", "family()",
            "masked()", "containsIP('x')", "major()", "value()", "orValue(dyn(1))", "validate('a')", "all(v, v > 0)", "exists(v, v)", "map(v, v.w)", "filter(v, v == 1)", "transformMap(k, v, v)", "a", "?a", "find('(')"];
        var environment = CelEnvironment.Kubernetes.With("self", CelType.Dyn);
        var self = System.Text.Json.Nodes.JsonNode.Parse("""{"a":1.5,"list":[1,"x",null,{"w":[]}],"map":{"k":{"w":1}}}""");
        foreach (var value in values)
        {
            foreach (var method in methods)
            {
                Evaluate($"dyn({value}).{method}");
            }
            foreach (var other in values)
            {
                foreach (var operation in (string[])["+", "-", "*", "/", "%", "<", "==", "in", "&&"])
                {
                    Evaluate($"dyn({value}) {operation} dyn({other})");
                }
                Evaluate($"dyn({value})[dyn({other})]");
                Evaluate($"string(dyn({value})) + string({{dyn({other}): 1}})");
            }
        }

        void Evaluate(string text)
        {
            if (environment.Compile(text).Program is not { } program)
            {
                return;
            }
            try
            {
                CelTesting.Show(program.Evaluate(new CelBindings().Set("self", self), new CelBudget()));
            }
            catch (CelException)
            {
                // which says why there is no value
            }
        }
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("{1: ", "1", "}")]
    [InlineData("!(", "true", ")")]
    [InlineData("size(", "'a'", ")")]
    [InlineData("self.all(x, ", "true", ")")]
    [InlineData("", "self", ".a")]
    [InlineData("", "self", "[0]")]
    [InlineData("", "1", " + 1")]
    [InlineData("true ? 1 : ", "1", "")]
    [InlineData("(", "self", ".a.a.a)")]
    public void Deep_nesting_is_refused(string before, string middle, string after)
    {
        var text = string.Concat(Enumerable.Repeat(before, 5_000)) + middle + string.Concat(Enumerable.Repeat(after, 5_000));

        var compilation = CelEnvironment.Kubernetes.With("self", CelType.Dyn).Compile(text);

        Assert.Contains("expression recursion limit exceeded: 250", compilation.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("!(", "true", ")")]
    [InlineData("[1].all(x, ", "true", ")")]
    [InlineData("optional.of(1).optMap(x, ", "1", ")")]
    [InlineData("cel.bind(x, ", "1", ", x)")]
    [InlineData("true ? 1 : ", "1", "")]
    [InlineData("", "self", ".?a")]
    public void What_is_nested_as_deep_as_it_may_be_needs_little_of_a_stack(string before, string middle, string after)
    {
        var environment = CelEnvironment.Kubernetes.With("self", CelType.Dyn);
        CelProgram? deepest = null;
        var thread = new Thread(
            () =>
            {
                for (var depth = 100; environment.Compile(string.Concat(Enumerable.Repeat(before, depth)) + middle + string.Concat(Enumerable.Repeat(after, depth))).Program is { } program; depth++)
                {
                    deepest = program;
                }
                _ = deepest!.EstimatedCost;
                deepest.Evaluate(new CelBindings().Set("self", new System.Text.Json.Nodes.JsonObject()), new CelBudget());
            },
            maxStackSize: 1024 * 1024);
        thread.Start();
        thread.Join();

        Assert.NotNull(deepest);
    }

    [Fact]
    public void A_long_chain_of_one_logical_operator_is_not_deep()
    {
        var text = string.Join(" && ", Enumerable.Repeat("true", 5_000));

        Assert.Equal("", CelEnvironment.Kubernetes.Compile(text).Errors);
    }

    [Fact]
    public void A_very_long_expression_is_refused() =>
        Assert.Contains("expression code point size exceeds limit: size: 100001, limit 100000", CelEnvironment.Kubernetes.Compile(new string(' ', 100_001)).Errors, StringComparison.Ordinal);
}
