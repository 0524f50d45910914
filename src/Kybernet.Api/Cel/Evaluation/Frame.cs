namespace Kybernet.Api.Cel;

/// <summary>What an evaluation knows: the values of variables, those of macros, and what it has cost.</summary>
internal sealed class Frame(CelBindings bindings, int locals, CelBudget budget)
{
    public CelBindings Bindings => bindings;

    /// <summary>The values of macros' variables, each in its own place.</summary>
    public CelValue[] Locals { get; } = new CelValue[locals];

    public void Spend(long cost) => budget.Spend(cost);
}
