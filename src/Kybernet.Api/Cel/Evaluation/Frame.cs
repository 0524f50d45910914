namespace Kybernet.Api.Cel;

/// <summary>What an evaluation knows: the values of variables, those of macros, and what it has cost.</summary>
internal sealed class Frame(CelBindings bindings, int locals, CelBudget budget)
{
    private const double MaxWeight = 10_000_000;

    public CelBindings Bindings => bindings;

    /// <summary>The values of macros' variables, each in its own place.</summary>
    public CelValue[] Locals { get; } = new CelValue[locals];

    public void Spend(long cost) => budget.Spend(cost);

    /// <summary>
    /// A value that the expression made; an error where it is so big that it could have been made only to be big. Values that are in others several
    /// times cost little to make, and everything to look at.
    /// </summary>
    public static CelValue Made(CelValue value) => value.Weight <= MaxWeight ? value : new CelError("value is too big");
}
