using System.Buffers;

namespace Kybernet.Api.Validation;

/// <summary>
/// The rules for names. Each answers with what is wrong, in upstream's words: nothing where the name is good.
/// </summary>
public static class Names
{
    /// <summary>The longest DNS label.</summary>
    public const int LabelLength = 63;

    /// <summary>The longest DNS subdomain.</summary>
    public const int SubdomainLength = 253;

    internal const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    internal const string SubdomainPattern = LabelPattern + @"(\." + LabelPattern + ")*";
    private const string QualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string QualifiedMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    private static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> QualifiedCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>A label of DNS (RFC 1123).</summary>
    public static IReadOnlyList<string> Dns1123Label(string value)
    {
        if (value.Length <= LabelLength && IsLabel(value))
        {
            return [];
        }
        var errors = TooLong(value, LabelLength);
        if (!IsLabel(value))
        {
            errors.Add(IsSubdomain(value)
                ? "must not contain dots"
                : Rules.Pattern(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                    LabelPattern, "my-name", "123-abc"));
        }
        return errors;
    }

    /// <summary>A subdomain of DNS (RFC 1123).</summary>
    public static IReadOnlyList<string> Dns1123Subdomain(string value)
    {
        if (value.Length <= SubdomainLength && IsSubdomain(value))
        {
            return [];
        }
        var errors = TooLong(value, SubdomainLength);
        if (!IsSubdomain(value))
        {
            errors.Add(Rules.Pattern(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                SubdomainPattern, "example.com"));
        }
        return errors;
    }

    /// <summary>A subdomain of DNS whose first label is <c>*</c>.</summary>
    public static IReadOnlyList<string> WildcardDns1123Subdomain(string value)
    {
        var errors = TooLong(value, SubdomainLength);
        if (!value.StartsWith("*.", StringComparison.Ordinal) || !IsSubdomain(value.AsSpan(2)))
        {
            errors.Add(Rules.Pattern(
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                @"\*\." + SubdomainPattern, "*.example.com"));
        }
        return errors;
    }

    /// <summary>A label of DNS (RFC 1035), as the names of Services are.</summary>
    public static IReadOnlyList<string> Dns1035Label(string value)
    {
        var errors = TooLong(value, LabelLength);
        if (!IsLabel(value) || !char.IsAsciiLetterLower(value[0]))
        {
            errors.Add(Rules.Pattern(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123"));
        }
        return errors;
    }

    /// <summary>A name that a subdomain may qualify, such as <c>example.com/name</c>: the keys of labels, finalizers, resource names.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var errors = new List<string>();
        var slash = value.IndexOf('/');
        var name = value.AsSpan(slash + 1);
        if (name.Contains('/'))
        {
            return
            [
                "a qualified name " + Rules.Pattern(QualifiedMessage, QualifiedPattern, "MyName", "my.name", "123-abc")
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
            ];
        }
        if (slash == 0)
        {
            errors.Add("prefix part " + Rules.NotEmpty);
        }
        else if (slash > 0)
        {
            foreach (var error in Dns1123Subdomain(value[..slash]))
            {
                errors.Add("prefix part " + error);
            }
        }
        if (name.Length == 0)
        {
            errors.Add("name part " + Rules.NotEmpty);
        }
        else if (name.Length > LabelLength)
        {
            errors.Add("name part " + Rules.MaxLength(LabelLength));
        }
        if (!IsQualified(name))
        {
            errors.Add("name part " + Rules.Pattern(QualifiedMessage, QualifiedPattern, "MyName", "my.name", "123-abc"));
        }
        return errors;
    }

    /// <summary>The value of a label.</summary>
    public static IReadOnlyList<string> LabelValue(string value)
    {
        if (value.Length == 0 || (value.Length <= LabelLength && IsQualified(value)))
        {
            return [];
        }
        var errors = TooLong(value, LabelLength);
        if (!IsQualified(value))
        {
            errors.Add(Rules.Pattern(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                $"({QualifiedPattern})?", "MyValue", "my_value", "12345"));
        }
        return errors;
    }

    /// <summary>What may be a step of a path.</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }
        var errors = new List<string>();
        foreach (var illegal in "/%")
        {
            if (value.Contains(illegal))
            {
                errors.Add($"may not contain '{illegal}'");
            }
        }
        return errors;
    }

    /// <summary>The prefix of a generated name, held to a rule for whole names: it may end with a hyphen.</summary>
    public static IReadOnlyList<string> Prefix(string value, Func<string, IReadOnlyList<string>> rule) =>
        rule(value.Length > 1 && value[^1] == '-' ? value[..^2] + "a" : value);

    internal static bool IsLabel(ReadOnlySpan<char> value) =>
        value.Length > 0 && LowerAlphanumeric.Contains(value[0]) && LowerAlphanumeric.Contains(value[^1])
        && !value.ContainsAnyExcept(LabelCharacters);

    internal static bool IsSubdomain(ReadOnlySpan<char> value)
    {
        foreach (var range in value.Split('.'))
        {
            if (!IsLabel(value[range]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsQualified(ReadOnlySpan<char> value) =>
        value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1])
        && !value.ContainsAnyExcept(QualifiedCharacters);

    private static List<string> TooLong(string value, int length) => value.Length > length ? [Rules.MaxLength(length)] : [];
}
