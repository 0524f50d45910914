namespace Kybernet.Api.Cel;

/// <summary>What a call costs, by the sizes of its arguments and of its result: those that they have, or those that they can have at most.</summary>
internal delegate double CelCost(ReadOnlySpan<double> sizes, double result);

/// <summary>How big a call's result can be at most, by the sizes that its arguments can have.</summary>
internal delegate double CelSize(ReadOnlySpan<double> sizes);

/// <summary>One way of calling a function.</summary>
/// <param name="IsMember">Whether it is called on its first argument: <c>a.f(b)</c>.</param>
/// <param name="Parameters">What it takes, that on which it is called first.</param>
/// <param name="Result">What it answers with.</param>
/// <param name="Invoke">Calls it with values of its parameters' types.</param>
/// <param name="Cost">What such a call costs; null where that is one unit.</param>
/// <param name="ResultSize">How big its result can be; null where nothing says.</param>
internal sealed record CelOverload(
    bool IsMember,
    IReadOnlyList<CelType> Parameters,
    CelType Result,
    Func<CelValue[], CelValue> Invoke,
    CelCost? Cost = null,
    CelSize? ResultSize = null)
{
    /// <summary>What a call has cost.</summary>
    public long CostOf(CelValue[] arguments, CelValue result)
    {
        if (Cost is null)
        {
            return 1;
        }
        Span<double> sizes = stackalloc double[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            sizes[i] = arguments[i].Size;
        }
        return (long)Cost(sizes, result.Size);
    }

    /// <summary>Whether values can be its arguments.</summary>
    public bool Takes(CelValue[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Fits(Parameters[i], arguments[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Fits(CelType parameter, CelValue value) => parameter.Kind switch
    {
        CelKind.Dyn or CelKind.Parameter => true,
        CelKind.Map => value is CelMap,
        CelKind.Opaque => value.Type.Kind == CelKind.Opaque && value.Type.Name == parameter.Name,
        var kind => value.Type.Kind == kind,
    };
}
