using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources;

/// <summary>The rules that fields of many kinds share, in upstream's words.</summary>
internal static class FieldRules
{
    public const string Immutable = "field is immutable";
    public const string Negative = "must be greater than or equal to 0";
    public const string NotPositive = "must be greater than zero";
    public const string PortRange = "must be between 1 and 65535, inclusive";
    public const string IdRange = "must be between 0 and 2147483647, inclusive";
    public const string FileMode = "must be a number between 0 and 0777 (octal), both inclusive";

    /// <summary>Adds a cause for each problem.</summary>
    public static void Invalid(this FieldErrors errors, FieldPath path, object? value, IReadOnlyList<string> problems)
    {
        for (var i = 0; i < problems.Count; i++)
        {
            errors.Invalid(path, value, problems[i]);
        }
    }

    /// <summary>A malformed value that is given as JSON: a list or a map.</summary>
    public static void InvalidJson(this FieldErrors errors, FieldPath path, string json, string detail) =>
        errors.Add(FieldErrorReason.FieldValueInvalid, path, $"Invalid value: {json}: {detail}");

    /// <summary>A malformed list.</summary>
    public static void InvalidList(this FieldErrors errors, FieldPath path, IReadOnlyList<string> values, string detail) =>
        errors.InvalidJson(path, values.Count == 0 ? "null" : Json(values), detail);

    /// <summary>A malformed map.</summary>
    public static void InvalidMap(this FieldErrors errors, FieldPath path, IReadOnlyDictionary<string, string> values, string detail) =>
        errors.InvalidJson(path, values.Count == 0 ? "null" : Json(values), detail);

    /// <summary>A name must have a form where it is given.</summary>
    public static void Name(this FieldErrors errors, string? value, FieldPath parent, string field, Func<string, IReadOnlyList<string>> rule)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }
        var problems = rule(value);
        if (problems.Count > 0)
        {
            errors.Invalid(parent.Child(field), value, problems);
        }
    }

    /// <summary>A text must be there.</summary>
    /// <returns>Whether it is.</returns>
    public static bool Needs(this FieldErrors errors, string? value, FieldPath parent, string field)
    {
        if (!string.IsNullOrEmpty(value))
        {
            return true;
        }
        errors.Required(parent.Child(field));
        return false;
    }

    /// <summary>A number must not be negative.</summary>
    public static void NonNegative(this FieldErrors errors, long? value, FieldPath parent, string field)
    {
        if (value < 0)
        {
            errors.Invalid(parent.Child(field), value.Value, Negative);
        }
    }

    /// <summary>A quantity must not be negative.</summary>
    public static void NonNegative(this FieldErrors errors, Quantity? value, FieldPath path)
    {
        if (value is { Sign: < 0 } quantity)
        {
            errors.Invalid(path, quantity.ToString(), Negative);
        }
    }

    /// <summary>A value must stay what it was.</summary>
    public static void Unchanged(this FieldErrors errors, IModel? value, IModel? previous, FieldPath path)
    {
        if (!ModelJson.Same(value, previous))
        {
            errors.Invalid(path, value, Immutable);
        }
    }

    /// <summary>A value must stay what it was.</summary>
    public static void Unchanged(this FieldErrors errors, string? value, string? previous, FieldPath path)
    {
        if (value != previous)
        {
            errors.Invalid(path, value, Immutable);
        }
    }

    /// <summary>A port's number.</summary>
    public static void Port(this FieldErrors errors, int value, FieldPath parent, string field)
    {
        if (value is < 1 or > 65535)
        {
            errors.Invalid(parent.Child(field), value, PortRange);
        }
    }

    /// <summary>A port's number or name.</summary>
    public static void Port(this FieldErrors errors, IntOrString value, FieldPath parent, string field)
    {
        if (value.IsInt)
        {
            errors.Port(value.IntValue, parent, field);
            return;
        }
        var problems = NameRules.PortName(value.StringValue!);
        if (problems.Count > 0)
        {
            errors.Invalid(parent.Child(field), value.StringValue, problems);
        }
    }

    /// <summary>A value must be one of a few. An absent one has its default, or is left to whoever may leave it out; an empty one is missing.</summary>
    public static void OneOf(this FieldErrors errors, string? value, FieldPath parent, string field, string[] allowed, bool required = true)
    {
        if (value is null || (value.Length == 0 && !required))
        {
            return;
        }
        if (value.Length == 0)
        {
            errors.Required(parent.Child(field));
        }
        else if (Array.IndexOf(allowed, value) < 0)
        {
            errors.NotSupported(parent.Child(field), value, allowed);
        }
    }

    /// <summary>An IP address.</summary>
    /// <returns>The address; null where it is none.</returns>
    public static IPAddress? Ip(this FieldErrors errors, string value, FieldPath path)
    {
        if (ParseIp(value) is { } address)
        {
            return address;
        }
        errors.Invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        return null;
    }

    /// <summary>An IP network.</summary>
    public static void Cidr(this FieldErrors errors, string value, FieldPath path)
    {
        if (ParseCidr(value) is null)
        {
            errors.Invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }

    /// <summary>Reads an address with the length of its prefix, whatever its other bits are; null for anything else.</summary>
    public static (IPAddress Address, int Length)? ParseCidr(string value)
    {
        var slash = value.IndexOf('/');
        return slash < 0 || ParseIp(value[..slash]) is not { } address
            || !int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            ? null
            : (address, length);
    }

    /// <summary>Reads an address in dotted or colon form; null for anything else, zones and bare numbers included.</summary>
    public static IPAddress? ParseIp(string value)
    {
        if (value.Contains('%') || value.Contains('[') || !IPAddress.TryParse(value, out var address))
        {
            return null;
        }
        return address.AddressFamily == AddressFamily.InterNetwork && value.AsSpan().Count('.') != 3 ? null : address;
    }

    /// <summary>An address that endpoints may have: no loopback, link-local or unspecified one.</summary>
    public static void NonSpecialIp(this FieldErrors errors, IPAddress address, string value, FieldPath path)
    {
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, value, $"may not be unspecified ({value})");
        }
        if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        var bytes = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || (bytes.Length == 4 && bytes[0] == 169 && bytes[1] == 254))
        {
            errors.Invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if ((bytes.Length == 4 && bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0)
            || (bytes.Length == 16 && bytes[0] == 0xff && (bytes[1] & 0x0f) == 2))
        {
            errors.Invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }

    private static string Json(IReadOnlyList<string> values) => "[" + string.Join(",", values.Select(Quote)) + "]";

    private static string Json(IReadOnlyDictionary<string, string> values) =>
        "{" + string.Join(",", values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Quote(pair.Key)}:{Quote(pair.Value)}")) + "}";

    private static string Quote(string value) => $"\"{JsonEncodedText.Encode(value, ModelJson.WriterOptions.Encoder)}\"";
}
