namespace Kybernet.Api;

/// <summary>placeholder</summary>
public readonly record struct Quantity
{
    private readonly string? _text;
    private Quantity(string text) => _text = text;
    /// <summary>Parse.</summary>
    public static Quantity Parse(string text) => new(text);
    /// <summary>Text.</summary>
    public override string ToString() => _text ?? "0";
}
