namespace Kybernet.ApiServer.Resources;

/// <summary>What holds for a kind that has nothing particular to it, and what every other strategy starts from: names are DNS subdomains.</summary>
public class DefaultStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override string? ValidateName(string name) => First(NameRules.Subdomain(name));

    /// <summary>The first problem; null where there is none.</summary>
    private protected static string? First(IReadOnlyList<string> problems) => problems.Count == 0 ? null : problems[0];
}
