using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using Kybernet.Api.Times;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural;

/// <summary>The formats of strings that schemas may ask for, as the Kubernetes documentation of custom resources lists them.</summary>
internal static class StringFormats
{
    /// <summary>Whether a string has a format. A format that is not known holds for every string.</summary>
    public static bool IsValid(string format, string text) => format switch
    {
        "date-time" or "datetime" => Rfc3339.TryParse(text, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => GoDuration.TryParse(text, out _),
        "email" => MailAddress.TryCreate(text, out _),
        "hostname" => IsHostname(text),
        "ipv4" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && text.Count(static c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => IsNetwork(text),
        "mac" => IsHardwareAddress(text),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _) || text.StartsWith('/'),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "uuid3" => IsUuid(text, '3'),
        "uuid4" => IsUuid(text, '4'),
        "uuid5" => IsUuid(text, '5'),
        "byte" => Base64.IsValid(text),
        "bsonobjectid" => text.Length == 24 && text.All(char.IsAsciiHexDigit),
        "hexcolor" => text.TrimStart('#') is { Length: 3 or 6 } digits && digits.All(char.IsAsciiHexDigit),
        "k8s-short-name" => Names.IsLabel(text),
        "k8s-long-name" => Names.IsSubdomain(text),
        _ => true,
    };

    private static bool IsHostname(string text) =>
        text.Length is > 0 and <= 255 && text.Split('.').All(static label => label.Length is > 0 and <= 63
            && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');

    private static bool IsNetwork(string text) =>
        text.IndexOf('/') is > 0 and var slash && IPAddress.TryParse(text.AsSpan(0, slash), out var address)
        && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
        && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static bool IsHardwareAddress(string text) =>
        text.Split(':', '-') is { Length: 6 or 8 } parts && parts.All(static part => part.Length == 2 && part.All(char.IsAsciiHexDigit));

    private static bool IsUuid(string text, char version) => Guid.TryParseExact(text, "D", out _) && text[14] == version;
}
