namespace Kybernet.Api.Cel;

/// <summary>
/// Works out what an expression can cost at most, by the bounds of what it is about: upstream's estimate, which a rule of a custom resource has to
/// stay within.
/// </summary>
internal sealed class CostEstimator
{
    /// <summary>As good as unbounded.</summary>
    private const double Unknown = ulong.MaxValue;

    private readonly Dictionary<int, Estimate> _locals = [];

    /// <summary>What evaluating a node can cost.</summary>
    public static double Of(Node node) => new CostEstimator().Visit(node).Cost;

    private Estimate Visit(Node node) => node switch
    {
        ConstantNode constant => new Estimate(0, constant.Value.Size, Items(constant.Value)),
        VariableNode => Declared(node.Type, 1),
        LocalNode local => _locals[local.Slot] with { Cost = 1 },
        BindNode bind => Bind(bind),
        SelectNode select => Part(select, Visit(select.Operand), 1),
        TestNode test => Scalar(Visit(test.Operand).Cost),
        IndexNode index => Part(index, Visit(index.Operand), 1 + Visit(index.Index).Cost),
        LogicNode logic => Scalar(Visit(logic.Left).Cost + Visit(logic.Right).Cost),
        ConditionalNode conditional => Conditional(conditional),
        ListNode list => List(list),
        MapNode map => new Estimate(ComprehensionNode.MapCost + map.Parts.Sum(part => Visit(part).Cost), map.Parts.Count() / 2, Unknown),
        ObjectNode made => Scalar(ObjectNode.Cost + made.Values.Sum(value => Visit(value).Cost)),
        CallNode call => Call(call),
        ComprehensionNode comprehension => Comprehension(comprehension),
        _ => throw new ArgumentException("a node of an unknown sort", nameof(node)),
    };

    private static Estimate Scalar(double cost) => new(cost, 1, 1);

    /// <summary>What is said of a place in what the expression is about: by its type alone.</summary>
    private static Estimate Declared(CelType type, double cost) =>
        new(cost, type.MaxSize ?? 0, type.Parameters.Count > 0 ? type.Parameters[^1].MaxSize ?? 0 : 0) { Type = type };

    private static double Items(CelValue value) => value is CelString or CelBytes ? 1 : Unknown;

    private static Estimate Part(Node part, Estimate whole, double cost) => whole.Type is null
        ? new Estimate(whole.Cost + cost, IsScalar(part.Type) ? 1 : whole.ItemSize, Unknown)
        : Declared(part.Type, whole.Cost + cost);

    private Estimate Bind(BindNode bind)
    {
        var value = Visit(bind.Value);
        _locals[bind.Slot] = value;
        var body = Visit(bind.Body);
        return body with { Cost = value.Cost + body.Cost };
    }

    private Estimate Conditional(ConditionalNode conditional)
    {
        var (condition, whenTrue, whenFalse) = (Visit(conditional.Condition), Visit(conditional.WhenTrue), Visit(conditional.WhenFalse));
        return new Estimate(
            condition.Cost + Math.Max(whenTrue.Cost, whenFalse.Cost), Math.Max(whenTrue.Size, whenFalse.Size), Math.Max(whenTrue.ItemSize, whenFalse.ItemSize));
    }

    private Estimate List(ListNode list)
    {
        var items = list.Items.Select(Visit).ToList();
        return new Estimate(ComprehensionNode.ListCost + items.Sum(static item => item.Cost), items.Count, items.Count == 0 ? 0 : items.Max(static item => item.Size));
    }

    private Estimate Call(CallNode call)
    {
        var arguments = call.Arguments.Select(Visit).ToArray();
        double[] sizes = [.. arguments.Select(static argument => argument.Size)];
        var (cost, size) = (0.0, 0.0);
        foreach (var overload in call.Overloads)
        {
            var result = IsScalar(overload.Result) ? 1 : overload.ResultSize?.Invoke(sizes) ?? Unknown;
            size = Math.Max(size, result);
            cost = Math.Max(cost, overload.Cost?.Invoke(sizes, result) ?? 1);
        }
        return new Estimate(arguments.Sum(static argument => argument.Cost) + cost, size, call.Type.Kind == CelKind.List ? ItemSize(call, arguments) : Unknown);
    }

    /// <summary>A function's list has items of its arguments, or parts of a string that it was called on.</summary>
    private static double ItemSize(CallNode call, Estimate[] arguments) =>
        arguments.Max(argument => call.Function == CelOperators.Add ? argument.ItemSize : argument.Size);

    private Estimate Comprehension(ComprehensionNode loop)
    {
        var range = Visit(loop.Range);
        var (first, second) = Entries(loop, range);
        _locals[loop.Slot] = first;
        if (loop.SecondSlot >= 0)
        {
            _locals[loop.SecondSlot] = second;
        }
        var condition = loop.Condition is { } test ? Visit(test).Cost : 0;
        var made = loop.Transform is { } transform ? Visit(transform) : default;
        var (start, step, end) = loop.Kind switch
        {
            ComprehensionKind.ExistsOne => (0, 2, 2),
            ComprehensionKind.Map => (ComprehensionNode.ListCost, ComprehensionNode.ListCost + 2, 1),
            ComprehensionKind.TransformMap or ComprehensionKind.TransformMapEntry => (ComprehensionNode.MapCost, ComprehensionNode.MapCost + 2, 1),
            _ => (0, ComprehensionNode.StepCost(loop.Kind), 1),
        };
        var cost = range.Cost + start + end + (range.Size * (step + condition + made.Cost));
        return loop.Transform is null ? Scalar(cost) : new Estimate(cost, range.Size, made.Size);
    }

    /// <summary>What a loop's variables can be.</summary>
    private static (Estimate First, Estimate Second) Entries(ComprehensionNode loop, Estimate range)
    {
        var isList = loop.Range.Type.Kind == CelKind.List;
        var item = range.Type is { Parameters.Count: > 0 } type ? Declared(type.Parameters[^1], 1) : new Estimate(1, range.ItemSize, Unknown);
        var key = range.Type is { Kind: CelKind.Map } map ? Declared(map.Parameters[0], 1) : new Estimate(1, isList ? 1 : Unknown, Unknown);
        return isList && loop.SecondSlot < 0 ? (item, item) : (key, item);
    }

    private static bool IsScalar(CelType type) =>
        type.Kind is CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Timestamp or CelKind.Duration or CelKind.Null or CelKind.Type or CelKind.Opaque;

    /// <summary>What is known of a value before there is one.</summary>
    /// <param name="Cost">What it can cost to get.</param>
    /// <param name="Size">How big it can be.</param>
    /// <param name="ItemSize">How big an item of it can be.</param>
    private readonly record struct Estimate(double Cost, double Size, double ItemSize)
    {
        /// <summary>The type that was declared for it; null where an expression makes it.</summary>
        public CelType? Type { get; init; }
    }
}
