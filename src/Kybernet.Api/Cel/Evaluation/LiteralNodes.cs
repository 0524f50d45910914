namespace Kybernet.Api.Cel;

internal sealed class ListNode((Node Value, bool IsOptional)[] items) : Node
{
    private const int Cost = 10;

    public IEnumerable<Node> Items => items.Select(static item => item.Value);

    public override CelValue Evaluate(Frame frame)
    {
        var values = new List<CelValue>(items.Length);
        foreach (var (node, isOptional) in items)
        {
            var value = node.Evaluate(frame);
            switch (value)
            {
                case CelError:
                    return value;
                case CelOptional optional when isOptional:
                    if (optional.Value is { } inner)
                    {
                        values.Add(inner);
                    }
                    break;
                case var _ when isOptional:
                    return new CelError($"cannot initialize optional list element from non-optional value {value}");
                default:
                    values.Add(value);
                    break;
            }
        }
        frame.Spend(Cost);
        return Frame.Made(CelList.Of(values));
    }
}

internal sealed class MapNode((Node Key, Node Value, bool IsOptional)[] entries) : Node
{
    private const int Cost = 30;

    public IEnumerable<Node> Parts => entries.SelectMany(static entry => new[] { entry.Key, entry.Value });

    public override CelValue Evaluate(Frame frame)
    {
        var map = new CelEntries();
        foreach (var (keyNode, valueNode, isOptional) in entries)
        {
            var key = keyNode.Evaluate(frame);
            if (key is CelError)
            {
                return key;
            }
            var value = valueNode.Evaluate(frame);
            if (value is CelError)
            {
                return value;
            }
            if (isOptional)
            {
                if (value is not CelOptional optional)
                {
                    return new CelError($"cannot initialize optional entry '{key}' from non-optional value {value}");
                }
                if (optional.Value is null)
                {
                    continue;
                }
                value = optional.Value;
            }
            if (key.Type.Kind is not (CelKind.String or CelKind.Int or CelKind.Uint or CelKind.Bool))
            {
                return new CelError($"unsupported key type: {key.Type}");
            }
            if (!map.TryAdd(key, value))
            {
                return new CelError($"Failed with repeated key: {key}");
            }
        }
        frame.Spend(Cost);
        return Frame.Made(map);
    }
}

/// <summary>An object of a declared type, made from its fields.</summary>
internal sealed class ObjectNode(CelObjectType type, (string Name, Node Value, bool IsOptional)[] fields) : Node
{
    public const int Cost = 40;

    public IEnumerable<Node> Values => fields.Select(static made => made.Value);

    public override CelValue Evaluate(Frame frame)
    {
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (name, node, isOptional) in fields)
        {
            var value = node.Evaluate(frame);
            if (value is CelError)
            {
                return value;
            }
            if (isOptional && value is CelOptional optional)
            {
                if (optional.Value is null)
                {
                    continue;
                }
                value = optional.Value;
            }
            values[name] = value;
        }
        frame.Spend(Cost);
        return Frame.Made(new CelStruct(type, values));
    }
}
