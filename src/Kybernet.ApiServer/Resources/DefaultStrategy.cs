namespace Kybernet.ApiServer.Resources;

/// <summary>What holds for a kind that has nothing particular to it, and what every other strategy starts from: names are DNS subdomains.</summary>
public class DefaultStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override string? ValidateName(string name) => NameRules.Subdomain(name);
}
