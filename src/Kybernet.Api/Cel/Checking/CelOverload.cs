namespace Kybernet.Api.Cel;

/// <summary>One way of calling a function.</summary>
/// <param name="IsMember">Whether it is called on its first argument: <c>a.f(b)</c>.</param>
/// <param name="Parameters">What it takes, that on which it is called first.</param>
/// <param name="Result">What it answers with.</param>
/// <param name="Invoke">Calls it with values of its parameters' types.</param>
/// <param name="Cost">What such a call costs, by its arguments and its result; null where that is one unit.</param>
internal sealed record CelOverload(
    bool IsMember,
    IReadOnlyList<CelType> Parameters,
    CelType Result,
    Func<CelValue[], CelValue> Invoke,
    Func<CelValue[], CelValue, long>? Cost = null)
{
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
