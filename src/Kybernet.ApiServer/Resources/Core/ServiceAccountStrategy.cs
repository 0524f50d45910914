using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>ServiceAccounts: nothing but a name that pods run under.</summary>
internal sealed class ServiceAccountStrategy : DefaultStrategy
{
    public override bool HasGeneration => false;

    public override bool ReturnsDeletedObject => true;

    public override TableDefinition Table { get; } = TableBuilder.For<ServiceAccount>()
        .Name()
        .Count("Secrets", "Number of secrets that pods of the account may use.", static item => item.Secrets.Count)
        .Age()
        .Build();

    public override IEnumerable<string> Warnings(EncodedObject item)
    {
        if (item.As<ServiceAccount>().Metadata.Annotations.ContainsKey("kubernetes.io/enforce-mountable-secrets"))
        {
            yield return "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets";
        }
    }
}
