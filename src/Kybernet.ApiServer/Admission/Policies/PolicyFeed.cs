using Kybernet.Api;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>
/// Follows the policies of a kind and their bindings, and knows those that are in force. Readers take one <see cref="Current"/> and see one consistent
/// world.
/// </summary>
internal sealed class PolicyFeed<T> : IDisposable
{
    private const string Group = "admissionregistration.k8s.io";

    private readonly Func<EncodedObject, (PolicyDefinition, Func<T>)> _policy;
    private readonly Func<EncodedObject, PolicyBinding> _binding;
    private readonly SortedDictionary<string, (PolicyDefinition Definition, Func<T> Body)> _policies = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PolicyBinding> _bindings = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly IDisposable[] _subscriptions;
    private volatile PolicyHook<T>[] _current = [];

    /// <param name="feeds">Where the objects are.</param>
    /// <param name="policies">The resource of the policies.</param>
    /// <param name="policy">Reads one.</param>
    /// <param name="bindings">The resource of their bindings.</param>
    /// <param name="binding">Reads one.</param>
    public PolicyFeed(
        IObjectFeeds feeds, string policies, Func<EncodedObject, (PolicyDefinition Definition, Func<T> Body)> policy, string bindings, Func<EncodedObject, PolicyBinding> binding)
    {
        (_policy, _binding) = (policy, binding);
        _subscriptions =
        [
            feeds.Of(new GroupResource(Group, policies)).Subscribe(new Observer(item => _policies[item.Key.Name] = _policy(item), item => _policies.Remove(item.Key.Name), this)),
            feeds.Of(new GroupResource(Group, bindings)).Subscribe(new Observer(item => _bindings[item.Key.Name] = _binding(item), item => _bindings.Remove(item.Key.Name), this)),
        ];
    }

    /// <summary>The policies that are in force, by name.</summary>
    public PolicyHook<T>[] Current => _current;

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void Change(Action<EncodedObject> change, EncodedObject item)
    {
        lock (_gate)
        {
            change(item);
            var bound = _bindings.Values.ToLookup(static binding => binding.Policy, StringComparer.Ordinal);
            _current = [.. _policies.Values.Where(policy => bound.Contains(policy.Definition.Name))
                .Select(policy => new PolicyHook<T>(policy.Definition, policy.Body, [.. bound[policy.Definition.Name]]))];
        }
    }

    private sealed class Observer(Action<EncodedObject> put, Action<EncodedObject> remove, PolicyFeed<T> owner) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => owner.Change(put, item);

        public void OnDeleted(EncodedObject item) => owner.Change(remove, item);
    }
}
