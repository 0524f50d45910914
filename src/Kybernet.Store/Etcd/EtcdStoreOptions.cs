namespace Kybernet.Store.Etcd;

/// <summary>How an <see cref="EtcdStore"/> reaches etcd.</summary>
public sealed record EtcdStoreOptions
{
    /// <summary>The members, as in <c>https://10.0.0.1:2379</c>. One is talked to; when it fails, the next.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>A file with the authorities (PEM) that may have signed the members' certificates; null for those of the machine.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>A file with the certificate (PEM) that etcd is to know this client by; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A file with that certificate's private key (PEM).</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// How long one member may take to answer. A read then asks the next; a write that was sent is reported as uncertain. Longer than etcd's own
    /// bound for a request (5 seconds and two elections), so that it is etcd that says so where it can.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a member that answers well is looked for before an operation fails, as long as nothing has been written.</summary>
    public TimeSpan FailoverTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The clock that waits run by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
