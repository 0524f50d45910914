using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Environment;

/// <summary>Puts together the environment of a container: Services first, then <c>envFrom</c>, then <c>env</c>, later ones winning.</summary>
internal sealed class EnvironmentBuilder(PodObjects objects)
{
    /// <summary>Builds it.</summary>
    /// <exception cref="ContainerConfigException">Something that it refers to is not there.</exception>
    public async Task<IReadOnlyDictionary<string, string>> BuildAsync(
        Pod pod, Container container, IEnumerable<Service> services, PodAddresses addresses, NodeResources node, CancellationToken cancellationToken)
    {
        var @namespace = pod.Metadata.Namespace ?? "";
        var fromServices = ServiceVariables.Build(services, @namespace, pod.Spec.EnableServiceLinks ?? true);
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom)
        {
            await AddAllKeysAsync(result, @namespace, source, cancellationToken);
        }
        foreach (var variable in container.Env)
        {
            if (variable.ValueFrom is not { } from)
            {
                result[variable.Name] = Expansion.Expand(
                    variable.Value ?? "", name => result.TryGetValue(name, out var own) || fromServices.TryGetValue(name, out own) ? own : null);
            }
            else if (await ValueOfAsync(pod, container, from, addresses, node, cancellationToken) is { } value)
            {
                result[variable.Name] = value;
            }
        }
        foreach (var (name, value) in fromServices)
        {
            result.TryAdd(name, value);
        }
        return result;
    }

    private async Task AddAllKeysAsync(Dictionary<string, string> result, string @namespace, EnvFromSource source, CancellationToken cancellationToken)
    {
        var prefix = source.Prefix ?? "";
        if (source.ConfigMapRef is { } mapReference)
        {
            var map = await objects.FindConfigMapAsync(@namespace, mapReference.Name ?? "", mapReference.Optional ?? false, cancellationToken);
            foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>())
            {
                result[prefix + key] = value;
            }
        }
        if (source.SecretRef is { } secretReference)
        {
            var secret = await objects.FindSecretAsync(@namespace, secretReference.Name ?? "", secretReference.Optional ?? false, cancellationToken);
            foreach (var (key, value) in secret?.Data ?? new Dictionary<string, ReadOnlyMemory<byte>>())
            {
                result[prefix + key] = Encoding.UTF8.GetString(value.Span);
            }
        }
    }

    private async Task<string?> ValueOfAsync(
        Pod pod, Container container, EnvVarSource from, PodAddresses addresses, NodeResources node, CancellationToken cancellationToken)
    {
        if (from.FieldRef is { } field)
        {
            return FieldReference.Read(pod, field.FieldPath, addresses);
        }
        if (from.ResourceFieldRef is { } resource)
        {
            return ResourceReference.Read(pod, container, resource, node);
        }
        var @namespace = pod.Metadata.Namespace ?? "";
        if (from.ConfigMapKeyRef is { } mapKey)
        {
            return await MapKeyAsync(@namespace, mapKey, cancellationToken);
        }
        return from.SecretKeyRef is { } secretKey ? await SecretKeyAsync(@namespace, secretKey, cancellationToken) : "";
    }

    private async Task<string?> MapKeyAsync(string @namespace, ConfigMapKeySelector selector, CancellationToken cancellationToken)
    {
        var optional = selector.Optional ?? false;
        var name = selector.Name ?? "";
        if (await objects.FindConfigMapAsync(@namespace, name, optional, cancellationToken) is not { } map)
        {
            return null;
        }
        if (map.Data.TryGetValue(selector.Key, out var value))
        {
            return value;
        }
        return optional ? null : throw new ContainerConfigException($"couldn't find key {selector.Key} in ConfigMap {@namespace}/{name}");
    }

    private async Task<string?> SecretKeyAsync(string @namespace, SecretKeySelector selector, CancellationToken cancellationToken)
    {
        var optional = selector.Optional ?? false;
        var name = selector.Name ?? "";
        if (await objects.FindSecretAsync(@namespace, name, optional, cancellationToken) is not { } secret)
        {
            return null;
        }
        if (secret.Data.TryGetValue(selector.Key, out var value))
        {
            return Encoding.UTF8.GetString(value.Span);
        }
        return optional ? null : throw new ContainerConfigException($"couldn't find key {selector.Key} in Secret {@namespace}/{name}");
    }
}
