namespace Kybernet.Api.Cel;

/// <summary><c>&amp;&amp;</c> or <c>||</c>: the side that decides does so even where the other has no value.</summary>
/// <param name="decisive">What a side has to be to decide: false for <c>&amp;&amp;</c>.</param>
/// <param name="left">One side.</param>
/// <param name="right">The other.</param>
internal sealed class LogicNode(bool decisive, Node left, Node right) : Node
{
    public Node Left => left;

    public Node Right => right;

    public override CelValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        if (first is CelBool a && a.Value == decisive)
        {
            return a;
        }
        var second = right.Evaluate(frame);
        if (second is CelBool b && b.Value == decisive)
        {
            return b;
        }
        return (first, second) switch
        {
            (CelError, _) => first,
            (_, CelError) => second,
            (CelBool, CelBool) => second,
            _ => CelError.NoSuchOverload,
        };
    }
}

internal sealed class ConditionalNode(Node condition, Node whenTrue, Node whenFalse) : Node
{
    public Node Condition => condition;

    public Node WhenTrue => whenTrue;

    public Node WhenFalse => whenFalse;

    public override CelValue Evaluate(Frame frame) => condition.Evaluate(frame) switch
    {
        CelBool flag => (flag.Value ? whenTrue : whenFalse).Evaluate(frame),
        CelError error => error,
        _ => CelError.NoSuchOverload,
    };
}
