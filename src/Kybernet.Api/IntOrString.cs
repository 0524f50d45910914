using System.Globalization;
using System.Text.Json;

namespace Kybernet.Api;

/// <summary>A value that is either an integer or a string, such as a port's number or name, or a count or a percentage.</summary>
public readonly record struct IntOrString
{
    private readonly string? _text;
    private readonly int _number;

    /// <summary>An integer.</summary>
    public IntOrString(int number) => _number = number;

    /// <summary>A string.</summary>
    public IntOrString(string text) => _text = text;

    /// <summary>Whether it is an integer.</summary>
    public bool IsInt => _text is null;

    /// <summary>The integer; 0 where it is a string.</summary>
    public int IntValue => _number;

    /// <summary>The string; null where it is an integer.</summary>
    public string? StringValue => _text;

    /// <summary>An integer.</summary>
    public static implicit operator IntOrString(int number) => new(number);

    /// <summary>A string.</summary>
    public static implicit operator IntOrString(string text) => new(text);

    /// <summary>The count that an integer or a percentage (<c>25%</c>) of a total comes to.</summary>
    /// <param name="total">What a percentage is of.</param>
    /// <param name="roundUp">Whether a fraction counts as one more.</param>
    /// <exception cref="FormatException">It is a string that is no percentage.</exception>
    public int Scale(int total, bool roundUp)
    {
        if (_text is null)
        {
            return _number;
        }
        if (!_text.EndsWith('%') || !int.TryParse(_text.AsSpan(0, _text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            throw new FormatException($"invalid value for IntOrString: invalid type: string is not a percentage: {_text}");
        }
        var scaled = (long)percent * total;
        return (int)(roundUp ? (scaled + 99) / 100 : scaled / 100);
    }

    /// <summary>Writes the number or the string.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (_text is null)
        {
            writer.WriteNumberValue(_number);
            return;
        }
        writer.WriteStringValue(_text);
    }

    /// <summary>The number or the string, as text.</summary>
    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);
}
