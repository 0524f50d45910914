using System.Globalization;

namespace Kybernet.Api.Validation;

/// <summary>What validation says, in upstream's words.</summary>
public static class Rules
{
    /// <summary>A text is too long.</summary>
    public static string MaxLength(int length) => string.Create(CultureInfo.InvariantCulture, $"must be no more than {length} characters");

    /// <summary>A text is empty.</summary>
    public static string NotEmpty => "must be non-empty";

    /// <summary>A number is out of its range.</summary>
    public static string Between(long low, long high) => string.Create(CultureInfo.InvariantCulture, $"must be between {low} and {high}, inclusive");

    /// <summary>A text does not match a pattern.</summary>
    public static string Pattern(string message, string pattern, params ReadOnlySpan<string> examples)
    {
        if (examples.Length == 0)
        {
            return $"{message} (regex used for validation is '{pattern}')";
        }
        var text = message + " (e.g. ";
        for (var i = 0; i < examples.Length; i++)
        {
            text += (i > 0 ? " or " : "") + $"'{examples[i]}', ";
        }
        return text + $"regex used for validation is '{pattern}')";
    }

    /// <summary>A number is not between two bounds; empty where it is.</summary>
    public static IReadOnlyList<string> InRange(long value, long low, long high) => value >= low && value <= high ? [] : [Between(low, high)];

    /// <summary>A port's number is out of range.</summary>
    public static IReadOnlyList<string> PortNumber(long port) => InRange(port, 1, 65535);

    /// <summary>A user's or group's number is out of range.</summary>
    public static IReadOnlyList<string> UserOrGroupId(long id) => InRange(id, 0, uint.MaxValue);
}
