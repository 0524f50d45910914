using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kybernet.Api.Schema;

/// <summary>Where a decoder is, and what it has found so far.</summary>
internal sealed class DecodeContext
{
    private const int MaxStrictErrors = 100;

    private List<string>? _strictErrors;
    private (string? Name, int Index)[] _path = new (string?, int)[16];
    private int _depth;

    /// <summary>Whether values of the wrong type are kept where the decoder is.</summary>
    internal bool KeepInvalid => Struct is { KeepsInvalidValues: true };

    internal IReadOnlyList<string> StrictErrors => _strictErrors is null ? [] : _strictErrors;

    /// <summary>The innermost type that is being decoded.</summary>
    internal TypeSchema? Struct { get; set; }

    internal static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.Null => "null",
        _ => "bool",
    };

    internal void Push(string name) => Push((name, 0));

    internal void Push(int index) => Push((null, index));

    internal void Pop() => _depth--;

    /// <summary>Notes that the field at hand is unknown or duplicate.</summary>
    internal void Strict(string what)
    {
        var error = $"{what} field \"{Path(withIndexes: true)}\"";
        _strictErrors ??= [];
        if (_strictErrors.Count < MaxStrictErrors && !_strictErrors.Contains(error))
        {
            _strictErrors.Add(error);
        }
    }

    /// <summary>The refusal of a value of the wrong type.</summary>
    internal SchemaDecodeException WrongType(string found, string expected) => new(
        $"json: cannot unmarshal {found} into Go struct field {Struct?.ShortName}.{Path(withIndexes: false)} of type {expected}");

    private string Path(bool withIndexes)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
            var (name, index) = _path[i];
            if (name is not null)
            {
                path.Append(i > 0 ? "." : "").Append(name);
            }
            else if (withIndexes)
            {
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
            }
        }
        return path.ToString();
    }

    private void Push((string?, int) step)
    {
        if (_depth == _path.Length)
        {
            Array.Resize(ref _path, _depth * 2);
        }
        _path[_depth++] = step;
    }
}
