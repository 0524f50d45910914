namespace Kybernet.Api.Cel;

/// <summary>A part of an expression, ready to be evaluated.</summary>
internal abstract class Node
{
    /// <summary>The type of its value, as far as it was known when the expression was compiled.</summary>
    public CelType Type { get; set; } = CelType.Dyn;

    /// <summary>Its value; a <see cref="CelError"/> where it has none.</summary>
    public abstract CelValue Evaluate(Frame frame);
}

internal sealed class ConstantNode(CelValue value) : Node
{
    public CelValue Value => value;

    public override CelValue Evaluate(Frame frame) => value;
}

internal sealed class VariableNode(string name) : Node
{
    public string Name => name;

    public override CelValue Evaluate(Frame frame)
    {
        frame.Spend(1);
        return frame.Bindings.Find(name);
    }
}

/// <summary>A macro's variable.</summary>
internal sealed class LocalNode(int slot) : Node
{
    public int Slot => slot;

    public override CelValue Evaluate(Frame frame)
    {
        frame.Spend(1);
        return frame.Locals[slot];
    }
}

internal sealed class BindNode(int slot, Node value, Node body) : Node
{
    public int Slot => slot;

    public Node Value => value;

    public Node Body => body;

    public override CelValue Evaluate(Frame frame)
    {
        // An error is the name's value too: it matters only where the name is used.
        frame.Locals[slot] = value.Evaluate(frame);
        return body.Evaluate(frame);
    }
}

/// <summary>A function with the ways of calling it that fit what is known of its arguments.</summary>
internal sealed class CallNode(string function, IReadOnlyList<CelOverload> overloads, Node[] arguments) : Node
{
    public string Function => function;

    public IReadOnlyList<CelOverload> Overloads => overloads;

    public IReadOnlyList<Node> Arguments => arguments;

    public override CelValue Evaluate(Frame frame)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(frame);
            if (values[i] is CelError error)
            {
                return error;
            }
        }
        for (var i = 0; i < overloads.Count; i++)
        {
            if (overloads[i].Takes(values))
            {
                var result = overloads[i].Invoke(values);
                frame.Spend(overloads[i].CostOf(values, result));
                return result;
            }
        }
        return CelError.NoSuchOverload;
    }
}
