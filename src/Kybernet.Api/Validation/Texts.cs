using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Kybernet.Api.Validation;

/// <summary>The rules for texts that are no object's name. Each answers with what is wrong, in upstream's words: nothing where the text is good.</summary>
public static class Texts
{
    /// <summary>The name of a port.</summary>
    public static IReadOnlyList<string> PortName(string value)
    {
        var errors = new List<string>();
        if (value.Length > 15)
        {
            errors.Add(Rules.MaxLength(15));
        }
        if (value.Length == 0 || value.Any(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-'))
        {
            errors.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (!value.Any(char.IsAsciiLetterLower))
        {
            errors.Add("must contain at least one letter (a-z)");
        }
        if (value.Contains("--", StringComparison.Ordinal))
        {
            errors.Add("must not contain consecutive hyphens");
        }
        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            errors.Add("must not begin or end with a hyphen");
        }
        return errors;
    }

    /// <summary>An identifier of C.</summary>
    public static IReadOnlyList<string> CIdentifier(string value) =>
        value.Length > 0 && !char.IsAsciiDigit(value[0]) && value.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? []
            : [Rules.Pattern(
                "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
                "[A-Za-z_][A-Za-z0-9_]*", "my_name", "MY_NAME", "MyName")];

    /// <summary>The name of an environment variable: printable ASCII without <c>=</c>.</summary>
    public static IReadOnlyList<string> EnvironmentVariableName(string value)
    {
        if (value.Length == 0)
        {
            return ["environment variable name " + Rules.NotEmpty];
        }
        return value.All(character => character is >= ' ' and <= '~' and not '=')
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
    }

    /// <summary>A key of a ConfigMap or a Secret.</summary>
    public static IReadOnlyList<string> ConfigMapKey(string value)
    {
        var errors = new List<string>();
        if (value.Length > Names.SubdomainLength)
        {
            errors.Add(Rules.MaxLength(Names.SubdomainLength));
        }
        if (value.Length == 0 || value.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
        {
            errors.Add(Rules.Pattern(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
        }
        if (value is "." or "..")
        {
            errors.Add($"must not be '{value}'");
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            errors.Add("must not start with '..'");
        }
        return errors;
    }

    /// <summary>The name of an HTTP header.</summary>
    public static IReadOnlyList<string> HttpHeaderName(string value) =>
        value.Length > 0 && value.All(character => char.IsAsciiLetterOrDigit(character) || character == '-')
            ? []
            : [Rules.Pattern("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")];

    /// <summary>A percentage.</summary>
    public static IReadOnlyList<string> Percent(string value) =>
        value.Length > 1 && value[^1] == '%' && value.AsSpan(0, value.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0
            ? []
            : [Rules.Pattern("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%")];

    /// <summary>An IP address of either family.</summary>
    public static IReadOnlyList<string> IPAddress(string value) =>
        TryIPAddress(value, out _) ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    /// <summary>A network in CIDR notation.</summary>
    public static IReadOnlyList<string> Cidr(string value)
    {
        var slash = value.IndexOf('/');
        return slash > 0 && TryIPAddress(value[..slash], out var address)
            && int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
                ? []
                : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
    }

    /// <summary>Reads an IP address as upstream does: four decimal numbers or IPv6 without a zone, not the other forms that C accepts.</summary>
    public static bool TryIPAddress(string value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (value.Contains(':', StringComparison.Ordinal))
        {
            return !value.Contains('%', StringComparison.Ordinal) && !value.Contains('[', StringComparison.Ordinal)
                && System.Net.IPAddress.TryParse(value, out address);
        }
        var parts = value.Split('.');
        return parts.Length == 4 && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit))
            && byte.TryParse(parts[0], out var a) && byte.TryParse(parts[1], out var b)
            && byte.TryParse(parts[2], out var c) && byte.TryParse(parts[3], out var d)
            && (address = new IPAddress([a, b, c, d])) is not null;
    }
}
