namespace Kybernet.Store.Etcd;

/// <summary>The members of the etcd cluster, one of which is talked to until somebody finds that it fails.</summary>
internal sealed class EtcdMembers : IDisposable
{
    private readonly EtcdMember[] _members;
    private int _current;

    public EtcdMembers(EtcdStoreOptions options)
    {
        if (options.Endpoints.Count == 0)
        {
            throw new ArgumentException("etcd needs an endpoint at least", nameof(options));
        }
        var security = new EtcdSecurity(options);
        _members = [.. options.Endpoints.Select(endpoint => new EtcdMember(endpoint, security.Handler()))];
    }

    public int Count => _members.Length;

    /// <summary>The one to talk to.</summary>
    public EtcdMember Current => _members[Volatile.Read(ref _current)];

    /// <summary>Goes on to the next, unless somebody else has done so since <paramref name="failed"/> was chosen.</summary>
    public void MoveOnFrom(EtcdMember failed)
    {
        var index = Array.IndexOf(_members, failed);
        Interlocked.CompareExchange(ref _current, (index + 1) % _members.Length, index);
    }

    public void Dispose()
    {
        foreach (var member in _members)
        {
            member.Dispose();
        }
    }
}
