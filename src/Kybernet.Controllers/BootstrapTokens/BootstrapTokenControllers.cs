using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.BootstrapTokens;

/// <summary>What keeps the tokens that machines join with.</summary>
internal static class BootstrapTokenControllers
{
    public static void Add(ControllerContext context)
    {
        var secrets = context.Informers.Informer<Secret>(BootstrapToken.Namespace, new ListSelection(FieldSelector: "type=" + BootstrapToken.SecretType));
        var maps = context.Informers.Informer<ConfigMap>(BootstrapSigner.Namespace, new ListSelection(FieldSelector: "metadata.name=" + BootstrapSigner.Name));

        var expiring = context.Queue("token-cleaner");
        expiring.WakeOn(secrets);
        context.Run("token-cleaner", new TokenCleaner(context.ClientFor("token-cleaner"), secrets, context.Time), expiring, 1);

        var signing = context.Queue("bootstrap-signer");
        maps.AddHandler(new InformerHandler<ConfigMap>(_ => signing.Add(BootstrapSigner.Key), (_, _) => signing.Add(BootstrapSigner.Key), static _ => { }));
        secrets.AddHandler(new InformerHandler<Secret>(
            _ => signing.Add(BootstrapSigner.Key), (_, _) => signing.Add(BootstrapSigner.Key), _ => signing.Add(BootstrapSigner.Key)));
        context.Run("bootstrap-signer", new BootstrapSigner(context.ClientFor("bootstrap-signer"), maps, secrets, context.Time), signing, 1);
    }
}
