namespace Kybernet.Api.Cel;

/// <summary>What came of compiling an expression.</summary>
/// <param name="Program">The program; null where the expression is wrong.</param>
/// <param name="Issues">What is wrong with it, in the order of its text; empty where nothing is.</param>
public sealed record CelCompilation(CelProgram? Program, IReadOnlyList<CelIssue> Issues)
{
    /// <summary>What is wrong, as upstream shows it; empty where nothing is.</summary>
    public string Errors => string.Join('\n', Issues);
}
