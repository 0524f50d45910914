using System.Text;

namespace Kybernet.ApiServer.Resources;

/// <summary>
/// The forms that names take. Each rule gives what is wrong in upstream's words, nothing where all is right; characters are checked by hand,
/// for these run on every write.
/// </summary>
internal static class NameRules
{
    private const string LabelForm =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string SubdomainForm =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string UnderscoreSubdomainForm =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

    private const string Label1035Form =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an " +
        "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string WildcardForm =
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric " +
        "characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is " +
        "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string EnvironmentForm = "a valid environment variable name must consist only of printable ASCII characters other than '='";

    private const string HeaderForm =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

    /// <summary>A DNS-1123 label: 63 characters at most.</summary>
    public static IReadOnlyList<string> Label(string value) => Check(value, 63, IsLabel(value), LabelForm);

    /// <summary>A DNS-1035 label: as a DNS-1123 label, but it begins with a letter.</summary>
    public static IReadOnlyList<string> Label1035(string value) =>
        Check(value, 63, IsLabel(value) && char.IsAsciiLetterLower(value[0]), Label1035Form);

    /// <summary>A DNS-1123 subdomain: 253 characters at most.</summary>
    public static IReadOnlyList<string> Subdomain(string value) => Check(value, 253, IsSubdomain(value, underscores: false), SubdomainForm);

    /// <summary>A DNS-1123 subdomain that may hold underscores.</summary>
    public static IReadOnlyList<string> UnderscoreSubdomain(string value) =>
        Check(value, 253, IsSubdomain(value, underscores: true), UnderscoreSubdomainForm);

    /// <summary>A subdomain behind <c>*.</c>.</summary>
    public static IReadOnlyList<string> WildcardSubdomain(string value) =>
        Check(value, 253, value.StartsWith("*.", StringComparison.Ordinal) && IsSubdomain(value.AsSpan(2), underscores: false), WildcardForm);

    /// <summary>A segment of a path: not <c>.</c> or <c>..</c>, and without <c>/</c> and <c>%</c>.</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }
        if (!value.AsSpan().ContainsAny('/', '%'))
        {
            return [];
        }
        var problems = new List<string>(2);
        if (value.Contains('/'))
        {
            problems.Add("may not contain '/'");
        }
        if (value.Contains('%'))
        {
            problems.Add("may not contain '%'");
        }
        return problems;
    }

    /// <summary>The name of a container's port: 15 characters at most, lower case, with a letter.</summary>
    public static IReadOnlyList<string> PortName(string value)
    {
        var hasForm = true;
        var hasLetter = false;
        foreach (var character in value)
        {
            hasForm &= IsLowerAlphanumeric(character) || character == '-';
            hasLetter |= char.IsAsciiLetterLower(character);
        }
        hasForm &= value.Length > 0;
        var hasDoubleHyphen = value.Contains("--", StringComparison.Ordinal);
        var hasEdgeHyphen = value.Length > 0 && (value[0] == '-' || value[^1] == '-');
        if (value.Length <= 15 && hasForm && hasLetter && !hasDoubleHyphen && !hasEdgeHyphen)
        {
            return [];
        }
        var problems = new List<string>(2);
        AddIf(problems, value.Length > 15, TooLong(15));
        AddIf(problems, !hasForm, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        AddIf(problems, !hasLetter, "must contain at least one letter (a-z)");
        AddIf(problems, hasDoubleHyphen, "must not contain consecutive hyphens");
        AddIf(problems, hasEdgeHyphen, "must not begin or end with a hyphen");
        return problems;
    }

    /// <summary>The name of an environment variable, or its beginning.</summary>
    public static IReadOnlyList<string> EnvironmentName(string value)
    {
        if (value.Length == 0)
        {
            return ["environment variable name must be non-empty"];
        }
        foreach (var character in value)
        {
            if (character is < ' ' or > '~' or '=')
            {
                return [EnvironmentForm];
            }
        }
        return [];
    }

    /// <summary>The name of an HTTP header.</summary>
    public static IReadOnlyList<string> HeaderName(string value)
    {
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
            {
                return [HeaderForm];
            }
        }
        return value.Length == 0 ? [HeaderForm] : [];
    }

    /// <summary>What is wrong with a text that must have a form and a length.</summary>
    internal static IReadOnlyList<string> Check(string value, int maxBytes, bool hasForm, string form)
    {
        var isShort = value.Length <= maxBytes && (hasForm || Encoding.UTF8.GetByteCount(value) <= maxBytes);
        return (isShort, hasForm) switch
        {
            (true, true) => [],
            (true, false) => [form],
            (false, true) => [TooLong(maxBytes)],
            _ => [TooLong(maxBytes), form],
        };
    }

    internal static string TooLong(int maxBytes) => $"must be no more than {maxBytes} bytes";

    internal static bool IsSubdomain(ReadOnlySpan<char> value, bool underscores)
    {
        while (true)
        {
            var dot = value.IndexOf('.');
            var part = dot < 0 ? value : value[..dot];
            if (underscores && part.Length > 1 && part[0] == '_')
            {
                part = part[1..];
            }
            if (!IsLabel(part, underscores))
            {
                return false;
            }
            if (dot < 0)
            {
                return true;
            }
            value = value[(dot + 1)..];
        }
    }

    private static bool IsLabel(ReadOnlySpan<char> value, bool underscores = false)
    {
        if (value.IsEmpty || !IsLowerAlphanumeric(value[0]) || !IsLowerAlphanumeric(value[^1]))
        {
            return false;
        }
        foreach (var character in value)
        {
            if (!IsLowerAlphanumeric(character) && character != '-' && !(underscores && character == '_'))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsLowerAlphanumeric(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);

    private static void AddIf(List<string> problems, bool isWrong, string problem)
    {
        if (isWrong)
        {
            problems.Add(problem);
        }
    }
}
