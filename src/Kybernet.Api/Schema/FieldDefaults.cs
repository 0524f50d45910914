using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema;

/// <summary>
/// The defaults of built-in fields, from the table <c>defaults.txt</c>: <c>type field [when:other=a|b] value</c>, the value in JSON. Where a
/// <c>?</c> follows the field's name, an empty string, an empty list or a zero is replaced too, as where the Go type has no pointer.
/// </summary>
internal sealed class FieldDefaults
{
    private readonly Dictionary<(string Type, string Field), Entry> _values = [];
    private readonly Dictionary<(string Type, string Field), List<(string Inner, Entry Entry)>> _inner = [];

    internal IEnumerable<(string Type, string Field)> Keys => _values.Keys.Concat(_inner.Keys);

    internal static FieldDefaults Load()
    {
        var defaults = new FieldDefaults();
        foreach (var line in Facts.Lines("defaults.txt"))
        {
            if (line.Split(' ', 3) is not [var type, var field, var rest])
            {
                throw new InvalidOperationException($"defaults.txt: a line is not a type, a field and a value: {line}");
            }
            defaults.Add(type, field.TrimEnd('?'), field.EndsWith('?'), rest);
        }
        return defaults;
    }

    internal FieldSchema Apply(string type, FieldSchema field)
    {
        if (_values.TryGetValue((type, field.Name), out var entry))
        {
            field = entry.Set(field);
        }
        if (_inner.TryGetValue((type, field.Name), out var inner))
        {
            field = field with { InnerDefaults = [.. inner.Select(item => item.Entry.Set(new FieldSchema(item.Inner, ValueSchema.Any)))] };
        }
        return field;
    }

    private void Add(string type, string field, bool replacesZero, string rest)
    {
        DefaultCondition? condition = null;
        if (rest.StartsWith("when:", StringComparison.Ordinal))
        {
            var space = rest.IndexOf(' ');
            var words = rest[5..space].Split('=');
            condition = new DefaultCondition(words[0], words[1].Split('|'));
            rest = rest[(space + 1)..];
        }
        var entry = new Entry(JsonNode.Parse(rest)!, replacesZero, condition);
        if (field.Split('.') is not [var outer, var inner])
        {
            _values.Add((type, field), entry);
            return;
        }
        if (!_inner.TryGetValue((type, outer), out var list))
        {
            _inner.Add((type, outer), list = []);
        }
        list.Add((inner, entry));
    }

    private sealed record Entry(JsonNode Value, bool ReplacesZero, DefaultCondition? Condition)
    {
        internal FieldSchema Set(FieldSchema field) =>
            field with { Default = Value, DefaultReplacesZero = ReplacesZero, DefaultCondition = Condition };
    }
}
