using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Gathers the files of the volumes that show API objects.</summary>
internal sealed class PayloadBuilder(PodObjects objects, ServiceAccountTokens tokens, TrustBundles bundles)
{
    private const int DefaultMode = 0b110_100_100;
    private const int PrivateTokenMode = 0b110_000_000;

    /// <summary>The files of a volume.</summary>
    /// <exception cref="ContainerConfigException">Something that it refers to is not there.</exception>
    public async Task<Dictionary<string, PayloadFile>> BuildAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, PayloadFile>(StringComparer.Ordinal);
        var context = new Context(request.Pod, request.Addresses, request.Node, files);
        var volume = request.Volume;
        if (volume.ConfigMap is { } map)
        {
            await AddConfigMapAsync(context, map.Name ?? "", map.Items, map.Optional ?? false, map.DefaultMode ?? DefaultMode, cancellationToken);
        }
        else if (volume.Secret is { } secret)
        {
            await AddSecretAsync(context, secret.SecretName ?? "", secret.Items, secret.Optional ?? false, secret.DefaultMode ?? DefaultMode, cancellationToken);
        }
        else if (volume.DownwardAPI is { } downward)
        {
            AddDownward(context, downward.Items, downward.DefaultMode ?? DefaultMode);
        }
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            await AddProjectionAsync(context, source, volume.Projected!.DefaultMode ?? DefaultMode, cancellationToken);
        }
        return files;
    }

    private async Task AddProjectionAsync(Context context, VolumeProjection source, int mode, CancellationToken cancellationToken)
    {
        if (source.ConfigMap is { } map)
        {
            await AddConfigMapAsync(context, map.Name ?? "", map.Items, map.Optional ?? false, mode, cancellationToken);
        }
        if (source.Secret is { } secret)
        {
            await AddSecretAsync(context, secret.Name ?? "", secret.Items, secret.Optional ?? false, mode, cancellationToken);
        }
        if (source.DownwardAPI is { } downward)
        {
            AddDownward(context, downward.Items, mode);
        }
        if (source.ServiceAccountToken is { } token)
        {
            var text = await tokens.GetAsync(context.Pod, token.Audience ?? "", token.ExpirationSeconds, cancellationToken);
            context.Files[token.Path] = TokenFile(context.Pod, Encoding.UTF8.GetBytes(text), mode);
        }
        if (source.ClusterTrustBundle is { } bundle)
        {
            var text = await bundles.ReadAsync(bundle, cancellationToken);
            context.Files[bundle.Path] = new PayloadFile(Encoding.ASCII.GetBytes(text), mode);
        }
        if (source.PodCertificate is not null)
        {
            throw new VolumeException("projections of pod certificates are not supported by this kubelet");
        }
    }

    // A token that root alone could read would be of no use to a pod whose containers all run as one other user: it is that user's. With fsGroup it
    // is the group's.
    private static PayloadFile TokenFile(Pod pod, byte[] content, int mode)
    {
        if (pod.Spec.SecurityContext?.FsGroup is not null)
        {
            return new PayloadFile(content, PrivateTokenMode);
        }
        long? owner = null;
        foreach (var (container, _) in PodContainers.InitAndApp(pod))
        {
            var user = container.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser;
            if (user is null || (owner is not null && owner != user))
            {
                return new PayloadFile(content, mode);
            }
            owner = user;
        }
        return new PayloadFile(content, PrivateTokenMode) { Owner = owner };
    }

    private async Task AddConfigMapAsync(
        Context context, string name, IReadOnlyList<KeyToPath> items, bool optional, int mode, CancellationToken cancellationToken)
    {
        if (await objects.FindConfigMapAsync(context.Pod.Metadata.Namespace ?? "", name, optional, cancellationToken) is not { } map)
        {
            return;
        }
        var content = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Data)
        {
            content[key] = Encoding.UTF8.GetBytes(value);
        }
        foreach (var (key, value) in map.BinaryData)
        {
            content[key] = value;
        }
        AddKeys(context, "config", content, items, optional, mode);
    }

    private async Task AddSecretAsync(
        Context context, string name, IReadOnlyList<KeyToPath> items, bool optional, int mode, CancellationToken cancellationToken)
    {
        if (await objects.FindSecretAsync(context.Pod.Metadata.Namespace ?? "", name, optional, cancellationToken) is { } secret)
        {
            AddKeys(context, "secret", secret.Data, items, optional, mode);
        }
    }

    private static void AddKeys(
        Context context, string kind, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> content, IReadOnlyList<KeyToPath> items, bool optional, int mode)
    {
        if (items.Count == 0)
        {
            foreach (var (key, value) in content)
            {
                context.Files[key] = new PayloadFile(value, mode);
            }
            return;
        }
        foreach (var item in items)
        {
            if (content.TryGetValue(item.Key, out var value))
            {
                context.Files[item.Path] = new PayloadFile(value, item.Mode ?? mode);
            }
            else if (!optional)
            {
                throw new ContainerConfigException($"references non-existent {kind} key: {item.Key}");
            }
        }
    }

    private static void AddDownward(Context context, IReadOnlyList<DownwardAPIVolumeFile> items, int mode)
    {
        foreach (var item in items)
        {
            var text = item.FieldRef is { } field ? FieldReference.Read(context.Pod, field.FieldPath, context.Addresses)
                : item.ResourceFieldRef is { } resource ? ResourceReference.Read(context.Pod, null, resource, context.Node)
                : "";
            context.Files[item.Path] = new PayloadFile(Encoding.UTF8.GetBytes(text), item.Mode ?? mode);
        }
    }

    private sealed record Context(Pod Pod, PodAddresses Addresses, NodeResources Node, Dictionary<string, PayloadFile> Files);
}
