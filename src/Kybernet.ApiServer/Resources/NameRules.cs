namespace Kybernet.ApiServer.Resources;

/// <summary>The forms that names take. Each rule says what is wrong in upstream's words, or null; characters are checked by hand, for these run on every write.</summary>
internal static class NameRules
{
    private const string LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string Label1035Message =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an " +
        "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    /// <summary>A DNS-1123 label: 63 characters at most.</summary>
    public static string? Label(string value) =>
        value.Length > 63 ? TooLong(63) : IsLabel(value) ? null : LabelMessage;

    /// <summary>A DNS-1035 label: as a DNS-1123 label, but it begins with a letter.</summary>
    public static string? Label1035(string value) =>
        value.Length > 63 ? TooLong(63) : IsLabel(value) && char.IsAsciiLetterLower(value[0]) ? null : Label1035Message;

    /// <summary>A DNS-1123 subdomain: 253 characters at most.</summary>
    public static string? Subdomain(string value) =>
        value.Length > 253 ? TooLong(253) : IsSubdomain(value) ? null : SubdomainMessage;

    /// <summary>A segment of a path: not <c>.</c> or <c>..</c>, and without <c>/</c> and <c>%</c>.</summary>
    public static string? PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return $"may not be '{value}'";
        }
        if (value.Contains('/'))
        {
            return "may not contain '/'";
        }
        return value.Contains('%') ? "may not contain '%'" : null;
    }

    private static bool IsLabel(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || !IsLowerAlphanumeric(value[0]) || !IsLowerAlphanumeric(value[^1]))
        {
            return false;
        }
        foreach (var character in value)
        {
            if (!IsLowerAlphanumeric(character) && character != '-')
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsSubdomain(ReadOnlySpan<char> value)
    {
        while (true)
        {
            var dot = value.IndexOf('.');
            if (dot < 0)
            {
                return IsLabel(value);
            }
            if (!IsLabel(value[..dot]))
            {
                return false;
            }
            value = value[(dot + 1)..];
        }
    }

    private static bool IsLowerAlphanumeric(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);

    private static string TooLong(int max) => $"must be no more than {max} characters";
}
