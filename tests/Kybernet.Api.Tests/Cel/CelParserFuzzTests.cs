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
