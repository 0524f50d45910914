using System.Globalization;

namespace Kybernet.Api.Cel;

/// <summary>Semantic versions.</summary>
internal static class Semvers
{
    public static CelType Type { get; } = CelType.Opaque("kubernetes.Semver");

    public static void Declare(CelFunctions functions)
    {
        functions.Global("semver", [CelType.String], Type, static arguments => Parse(Strings.Value(arguments[0]), normalise: false), Costs.First);
        functions.Global(
            "semver", [CelType.String, CelType.Bool], Type,
            static arguments => Parse(Strings.Value(arguments[0]), ((CelBool)arguments[1]).Value), Costs.First);
        functions.Global(
            "isSemver", [CelType.String], CelType.Bool,
            static arguments => CelBool.Of(Parse(Strings.Value(arguments[0]), normalise: false) is not CelError), Costs.First);
        functions.Global(
            "isSemver", [CelType.String, CelType.Bool], CelType.Bool,
            static arguments => CelBool.Of(Parse(Strings.Value(arguments[0]), ((CelBool)arguments[1]).Value) is not CelError), Costs.First);
        functions.Member("major", [Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).Major));
        functions.Member("minor", [Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).Minor));
        functions.Member("patch", [Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).Patch));
        functions.Member("isGreaterThan", [Type, Type], CelType.Bool, static arguments => CelBool.Of(Value(arguments[0]).CompareTo(Value(arguments[1])) > 0));
        functions.Member("isLessThan", [Type, Type], CelType.Bool, static arguments => CelBool.Of(Value(arguments[0]).CompareTo(Value(arguments[1])) < 0));
        functions.Member("compareTo", [Type, Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).CompareTo(Value(arguments[1]))));
    }

    private static SemanticVersion Value(CelValue value) => ((CelOpaque<SemanticVersion>)value).Value;

    private static CelValue Parse(string text, bool normalise)
    {
        if (normalise)
        {
            text = text.StartsWith('v') ? text[1..] : text;
            var parts = text.Split('.', 3);
            if (parts.Length < 3 && parts[^1].AsSpan().ContainsAny('+', '-'))
            {
                return new CelError("short version cannot contain PreRelease/Build meta data");
            }
            text = string.Join('.', parts.Select(WithoutZeros).Concat(Enumerable.Repeat("0", 3 - parts.Length)));
        }
        return SemanticVersion.Parse(text) is { } version ? new CelOpaque<SemanticVersion>(Type, version) : new CelError($"Invalid semantic version \"{text}\"");
    }

    private static string WithoutZeros(string part)
    {
        var trimmed = part.Length > 1 ? part.TrimStart('0') : part;
        return trimmed.Length == 0 || !char.IsAsciiDigit(trimmed[0]) ? "0" + trimmed : trimmed;
    }

    /// <summary>A version by semver.org, 2.0.0. What was built of it does not count.</summary>
    private sealed record SemanticVersion(long Major, long Minor, long Patch, string PreRelease)
    {
        public static SemanticVersion? Parse(string text)
        {
            var plus = text.IndexOf('+', StringComparison.Ordinal);
            if (plus >= 0 && !text[(plus + 1)..].Split('.').All(IsIdentifier))
            {
                return null;
            }
            var core = plus < 0 ? text : text[..plus];
            var dash = core.IndexOf('-', StringComparison.Ordinal);
            var pre = dash < 0 ? "" : core[(dash + 1)..];
            if (dash >= 0 && !pre.Split('.').All(static part => IsIdentifier(part) && (!part.All(char.IsAsciiDigit) || IsNumber(part, out _))))
            {
                return null;
            }
            var numbers = (dash < 0 ? core : core[..dash]).Split('.');
            return numbers.Length == 3 && IsNumber(numbers[0], out var major) && IsNumber(numbers[1], out var minor) && IsNumber(numbers[2], out var patch)
                ? new SemanticVersion(major, minor, patch, pre)
                : null;
        }

        public int CompareTo(SemanticVersion other)
        {
            var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
            return order != 0 ? Math.Sign(order) : ComparePreRelease(PreRelease, other.PreRelease);
        }

        private static bool IsIdentifier(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-');

        private static bool IsNumber(string text, out long number) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0');

        private static int ComparePreRelease(string left, string right)
        {
            if (left.Length == 0 || right.Length == 0)
            {
                return Math.Sign(right.Length.CompareTo(left.Length)) * (left == right ? 0 : 1);
            }
            var (a, b) = (left.Split('.'), right.Split('.'));
            for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
            {
                var (x, y) = (IsNumber(a[i], out var m), IsNumber(b[i], out var n));
                var order = (x, y) switch
                {
                    (true, true) => m.CompareTo(n),
                    (true, false) => -1,
                    (false, true) => 1,
                    _ => string.CompareOrdinal(a[i], b[i]),
                };
                if (order != 0)
                {
                    return Math.Sign(order);
                }
            }
            return a.Length.CompareTo(b.Length);
        }
    }
}
