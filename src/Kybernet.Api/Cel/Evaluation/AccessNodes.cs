namespace Kybernet.Api.Cel;

/// <summary>A field of an object, or a map's entry by the name of its key; of an optional value it is optional too.</summary>
internal sealed class SelectNode(Node operand, string name, bool isOptional) : Node
{
    public Node Operand => operand;

    public string Name => name;

    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        frame.Spend(1);
        return value switch
        {
            CelError => value,
            CelMap map => map.Find(name) is { } found ? Wrap(found) : isOptional ? CelOptional.None : CelError.NoSuchKey(name),
            CelOptional { Value: CelMap map } => map.Find(name) is { } found ? CelOptional.Of(found) : CelOptional.None,
            CelOptional { Value: null } => value,
            _ => CelError.NoSuchOverload,
        };
    }

    private CelValue Wrap(CelValue found) => isOptional && found is not CelError ? CelOptional.Of(found) : found;
}

/// <summary>Whether there is a field: <c>has(a.b)</c>.</summary>
internal sealed class TestNode(Node operand, string field) : Node
{
    public Node Operand => operand;

    public override CelValue Evaluate(Frame frame) => operand.Evaluate(frame) switch
    {
        CelError error => error,
        CelMap map => CelBool.Of(map.Has(field)),
        CelOptional { Value: CelMap map } => CelBool.Of(map.Has(field)),
        CelOptional { Value: null } => CelBool.False,
        _ => CelError.NoSuchOverload,
    };
}

/// <summary>An item of a list or an entry of a map.</summary>
internal sealed class IndexNode(Node operand, Node index, bool isOptional) : Node
{
    public Node Operand => operand;

    public Node Index => index;

    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        if (value is CelError)
        {
            return value;
        }
        var key = index.Evaluate(frame);
        if (key is CelError)
        {
            return key;
        }
        frame.Spend(1);
        if (value is CelOptional optional)
        {
            return optional.Value is { } inner && Find(inner, key) is { } found and not CelError ? CelOptional.Of(found) : CelOptional.None;
        }
        var item = Find(value, key);
        if (item is CelError error && !isOptional)
        {
            return error;
        }
        return isOptional ? item is null or CelError ? CelOptional.None : CelOptional.Of(item) : item ?? CelError.NoSuchKey(key.ToString()!);
    }

    private static CelValue? Find(CelValue value, CelValue key) => value switch
    {
        CelMap map => map.Find(key),
        CelList list => Item(list, key),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Item(CelList list, CelValue key)
    {
        long? index = key switch
        {
            CelInt number => number.Value,
            CelUint number => number.Value <= long.MaxValue ? (long)number.Value : -1,
            CelDouble number when number.Value == Math.Floor(number.Value) && Math.Abs(number.Value) < 1e15 => (long)number.Value,
            _ => null,
        };
        if (index is not { } at)
        {
            return new CelError($"unsupported index type '{key.Type}' in list");
        }
        return at >= 0 && at < list.Count ? list[(int)at] : new CelError($"index out of bounds: {key}");
    }
}
