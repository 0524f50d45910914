using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;

namespace Kybernet.Api.Schema;

/// <summary>
/// The built-in types, from the table of API facts. Only the headers are read to begin with; a type's fields are parsed when it is first asked
/// for. Safe to use from many threads.
/// </summary>
public sealed class ResourceSchema
{
    private static readonly Lazy<ResourceSchema> BuiltInSchema = new(() => new ResourceSchema());

    private readonly byte[] _text = Facts.Bytes("types.txt");
    private readonly FrozenDictionary<string, Block> _blocks;
    private readonly FrozenDictionary<GroupVersionKind, string> _kinds;
    private readonly ConcurrentDictionary<string, TypeSchema> _types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ValueSchema> _values = new(StringComparer.Ordinal);
    private readonly Lazy<FieldDefaults> _defaults = new(FieldDefaults.Load);

    private ResourceSchema()
    {
        var blocks = new Dictionary<string, Block>(StringComparer.Ordinal);
        var kinds = new Dictionary<GroupVersionKind, string>();
        string? name = null;
        var header = default(Range);
        var start = 0;
        for (var line = 0; line < _text.Length;)
        {
            var length = _text.AsSpan(line).IndexOf((byte)'\n');
            var end = length < 0 ? _text.Length : line + length;
            if (_text[line] == '=')
            {
                if (name is not null)
                {
                    blocks.Add(name, new Block(header, start..line));
                }
                (name, header, start) = (IndexHeader(line, end, kinds), line..end, end + 1);
            }
            line = end + 1;
        }
        if (name is not null)
        {
            blocks.Add(name, new Block(header, Math.Min(start, _text.Length).._text.Length));
        }
        _blocks = blocks.ToFrozenDictionary(StringComparer.Ordinal);
        _kinds = kinds.ToFrozenDictionary();
    }

    /// <summary>The built-in types.</summary>
    public static ResourceSchema BuiltIn => BuiltInSchema.Value;

    /// <summary>The short names of all types, in no order.</summary>
    public IEnumerable<string> TypeNames => _blocks.Keys;

    /// <summary>The type of a kind; null where there is no such built-in kind.</summary>
    public TypeSchema? Find(GroupVersionKind kind) => _kinds.TryGetValue(kind, out var name) ? Find(name) : null;

    /// <summary>The type of a short name such as <c>core.v1.PodSpec</c>; null where there is none, or where it is no object with fields.</summary>
    public TypeSchema? Find(string name)
    {
        if (_types.TryGetValue(name, out var type))
        {
            return type;
        }
        return _blocks.TryGetValue(name, out var block) && Scalar(block) is null ? _types.GetOrAdd(name, Parse(name, block)) : null;
    }

    /// <summary>The value that a spelling of the table stands for, such as <c>[]core.v1.Container</c>.</summary>
    internal ValueSchema Value(string spelling)
    {
        if (_values.TryGetValue(spelling, out var value))
        {
            return value;
        }
        return _values.GetOrAdd(spelling, Build(spelling));
    }

    private string IndexHeader(int line, int end, Dictionary<GroupVersionKind, string> kinds)
    {
        var words = Encoding.UTF8.GetString(_text.AsSpan(line + 2, end - line - 2)).Split(' ');
        // Types such as DeleteOptions are a kind of every group; whoever decodes them knows them by their own.
        foreach (var word in words)
        {
            if (word.StartsWith("kind=", StringComparison.Ordinal))
            {
                kinds.TryAdd(Facts.ParseKind(word[5..]), words[0]);
            }
        }
        return words[0];
    }

    private string[] HeaderWords(Block block) => Encoding.UTF8.GetString(_text.AsSpan(block.Header)).Split(' ');

    private string? Scalar(Block block)
    {
        foreach (var word in HeaderWords(block))
        {
            if (word.StartsWith("scalar=", StringComparison.Ordinal))
            {
                return word[7..];
            }
        }
        return null;
    }

    private TypeSchema Parse(string name, Block block)
    {
        var fields = new List<FieldSchema>();
        foreach (var line in Encoding.UTF8.GetString(_text.AsSpan(block.Fields)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            fields.Add(ParseField(name, line.Split(' ')));
        }
        var words = HeaderWords(block);
        var kinds = new List<GroupVersionKind>();
        foreach (var word in words)
        {
            if (word.StartsWith("kind=", StringComparison.Ordinal))
            {
                kinds.Add(Facts.ParseKind(word[5..]));
            }
        }
        return new TypeSchema(name, fields) { IsAtomicMap = Array.IndexOf(words, "map=atomic") >= 0, Kinds = kinds };
    }

    private FieldSchema ParseField(string type, string[] words)
    {
        var name = string.Intern(words[0].TrimEnd('!'));
        var field = new FieldSchema(name, Value(words[1])) { Required = words[0][^1] == '!' };
        for (var i = 2; i < words.Length; i++)
        {
            var equals = words[i].IndexOf('=');
            var value = words[i][(equals + 1)..];
            field = words[i][..equals] switch
            {
                "list" => field with { ListType = ParseListType(value) },
                "keys" => field with { ListMapKeys = value.Split(',') },
                "patch" => field with { PatchStrategies = ParseStrategies(value) },
                "key" => field with { PatchMergeKey = value },
                "map" => field with { IsAtomicMap = value == "atomic" },
                _ => throw new InvalidOperationException($"types.txt: {words[i]} of {type}.{name} is unknown"),
            };
        }
        return _defaults.Value.Apply(type, field);
    }

    private static ListType ParseListType(string text) => text switch
    {
        "set" => ListType.Set,
        "map" => ListType.Map,
        _ => ListType.Atomic,
    };

    private static PatchStrategies ParseStrategies(string text)
    {
        var strategies = PatchStrategies.None;
        foreach (var word in text.Split(','))
        {
            strategies |= word switch
            {
                "merge" => PatchStrategies.Merge,
                "replace" => PatchStrategies.Replace,
                "retainKeys" => PatchStrategies.RetainKeys,
                _ => throw new InvalidOperationException($"types.txt: the patch strategy {word} is unknown"),
            };
        }
        return strategies;
    }

    private ValueSchema Build(string spelling)
    {
        if (spelling.StartsWith("[]", StringComparison.Ordinal))
        {
            return ValueSchema.ListOf(Value(spelling[2..]));
        }
        if (spelling.StartsWith("map<", StringComparison.Ordinal))
        {
            return ValueSchema.MapOf(Value(spelling[4..^1]));
        }
        switch (spelling)
        {
            case "string":
                return ValueSchema.String;
            case "string:byte":
                return ValueSchema.Of(ValueKind.Bytes);
            case "boolean":
                return ValueSchema.Of(ValueKind.Bool);
            case "integer:int32":
                return ValueSchema.Of(ValueKind.Int32);
            case "integer:int64":
                return ValueSchema.Of(ValueKind.Int64);
            case "number:double":
                return ValueSchema.Of(ValueKind.Number);
            case "any" or "object":
                return ValueSchema.Any;
            case "meta.v1.Time":
                return ValueSchema.Of(ValueKind.Time);
            case "meta.v1.MicroTime":
                return ValueSchema.Of(ValueKind.MicroTime);
            case "machinery.api.resource.Quantity":
                return ValueSchema.Of(ValueKind.Quantity);
            case "machinery.util.intstr.IntOrString":
                return ValueSchema.Of(ValueKind.IntOrString);
        }
        if (!_blocks.TryGetValue(spelling, out var block))
        {
            throw new InvalidOperationException($"types.txt: the type {spelling} is unknown");
        }
        // What is no object with fields and none of the scalars above may be anything: RawExtension, FieldsV1, JSON.
        return Scalar(block) is null ? ValueSchema.ObjectOf(() => Find(spelling)!) : ValueSchema.AnyOf(spelling);
    }

    private readonly record struct Block(Range Header, Range Fields);
}
