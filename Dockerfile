FROM condaforge/miniforge3:latest
LABEL io.github.snakemake.containerized="true"
LABEL io.github.snakemake.conda_env_hash="c488aaafa49b307fa33d94dc42746ec4db4ac01416e5e583936b8a90c0f7267c"
# Conda environment:
#   source: envs/archive.yaml
#   prefix: /conda-envs/ce9cbd74d5f308a4b20080aa40b02556
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyyaml =6.0.3
#     - rocrate =0.14.2
RUN mkdir -p /conda-envs/ce9cbd74d5f308a4b20080aa40b02556
COPY envs/archive.yaml /conda-envs/ce9cbd74d5f308a4b20080aa40b02556/environment.yaml
# Conda environment:
#   source: envs/dataset.yaml
#   prefix: /conda-envs/bf3c4121f18a681e970e8d946e65a0f3
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - anndata =0.12.6
#     - h5py =3.14.0
#     - numpy =2.1.3
#     - openpyxl =3.1.5
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pybigwig =0.3.24
#     - pysam =0.23.3
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/bf3c4121f18a681e970e8d946e65a0f3
COPY envs/dataset.yaml /conda-envs/bf3c4121f18a681e970e8d946e65a0f3/environment.yaml
# Conda environment:
#   source: envs/download.yaml
#   prefix: /conda-envs/ce0ce423914803ea495a5891efd8cc74
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - pooch =1.8.2
#     - requests =2.32.5
#     - tqdm =4.67.1
#     - pandas =2.3.3
#     - numpy =2.1.3
RUN mkdir -p /conda-envs/ce0ce423914803ea495a5891efd8cc74
COPY envs/download.yaml /conda-envs/ce0ce423914803ea495a5891efd8cc74/environment.yaml
# Conda environment:
#   source: envs/explore.yaml
#   prefix: /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - matplotlib-base =3.10.9
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa
COPY envs/explore.yaml /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa/environment.yaml
# Conda environment:
#   source: envs/homology.yaml
#   prefix: /conda-envs/30346108864876f91f9af1755ea973e5
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - mmseqs2 =18.8cc5c
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/30346108864876f91f9af1755ea973e5
COPY envs/homology.yaml /conda-envs/30346108864876f91f9af1755ea973e5/environment.yaml
# Conda environment:
#   source: envs/interpret.yaml
#   prefix: /conda-envs/4a1e75a3f6253e97f7f139571eca6a07
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - h5py =3.14.0
#     - jinja2 =3.1.6
#     - logomaker =0.8.7
#     - matplotlib-base =3.10.9
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
#     - tqdm =4.67.1
#     - pip:
#       - biopython==1.88 --hash=sha256:0063aea2051a99b2f278dd8bef23d5eca3f50eb922fb72d4a99678484bae043d --hash=sha256:024e438d044a0b1d4a0157af4ab2411b83389696aee3cdeb71f5ee74d0a59df2 --hash=sha256:02a6d8ed4eea1ee9e1c2a9d7690f21a60406bcfee7c71348363e267cce397bee --hash=sha256:0b8fea4940c58915e6d4c670f17f4e9c20797e9e26d4300b6efbe960b99d199d --hash=sha256:0e732f44208f1bab7c42bfea94422609249bd897da6b25b5588618436e80a6d2 --hash=sha256:1c5c795fed9469b1115fd00d7681f4953a2d54ec502715720d11fe986678fa1b --hash=sha256:1e29b72bb79786f4157b394fbd852d736ffd883a13a177c21d6d15ea1b67d357 --hash=sha256:277b54f1b804a74df1eb7f0fe8f6d6a1eda15bc78a94802c000f5f0a20ce4fdc --hash=sha256:393398c8383217f3f51aaa2372960e697b494a3eee97e1c4d5f62ee60ea9287b --hash=sha256:410eaa083fcc308b44c7051e597ae2f39e4068754bdd605cc32aed025aa132d0 --hash=sha256:43ce1fbed01c0ddb903fa426fa0f836062d973a09df15560ac8e895da24c1350 --hash=sha256:465caece761b9ec22e0dc63bb5969517c901587a27104c4f1cee69f414b4df2d --hash=sha256:4904abb18a1e039a631e549529c9b8123a166838cafe27f649f83f0183382d61 --hash=sha256:5508f8f585d101269982d58abb4ab50cbde5d3c50e21b01986c55ac7cc5f34f9 --hash=sha256:5808c5b980e63226426737b6f71b5dd7747e2e3d0074720cc04edf348ab57eab --hash=sha256:793de1a57d9b75546a4041f547b6a848031a71933f66d4c761857b0b0118c46b --hash=sha256:8ffa3f911a8ded827663bb98ffcd5fcfcaed2c7262bf6d3be5338332c81c7b66 --hash=sha256:906a7b2d4bc4515f5718f3ae994bd3bcfe8e87d963954008b57e0109e3772a58 --hash=sha256:9384c30460832926e765319040d732d1252a713a05af1dd4cc8b19cb1d590439 --hash=sha256:9732e2c74b1e3751810b026e568817afb18101039c30c9b16b9193e40ec1efdb --hash=sha256:99144485e7723842fe6c6bb0c13f323a550fc30817d3e0814126987f9b06855a --hash=sha256:99288eb34ce75cb85a10ab3e5d76ffe45f0c03c7f5cc6d144d3777419e44b31e --hash=sha256:99e1f7022ab8eee2ae9e9a05b66ad183b9fe4eeb4e561a65ed0fd85eef5f8267 --hash=sha256:9aaa31c0bda4d059f7b2ee00bfdb5cbb73ade3057aa4b737a7cc0187091d071a --hash=sha256:9e6e675ff0ecd0822735c9da0b7091eb29a757279bc810039890ae1f54f18fdd --hash=sha256:ab5c2211a9d1ad7d4b8afd7f53caa7f20e104a5ddf0b30f7cb899f039379de68 --hash=sha256:abeda1d57624b82476be498259dbc4531a1957bb1d77c80fd986adaa44f1b406 --hash=sha256:adbafdc7769d46cc9e72aba86b7e2da3aa078d2a533b53757ca88ca6ff1d0489 --hash=sha256:b321ee0f652aaecefe065b11d64b527c4d04f7826dfb7cfa31edea5ab1db07c2 --hash=sha256:b86c1e86c829b372995d5e0eb80146551972a1bff25da1698b48844b6e6840cd --hash=sha256:d4180714488d2ac6418fd42c445d1cda71fdd85ff71ad6748e7a312fa944e138 --hash=sha256:d879c732e0dee158cebf09047fa616451fa30f3abcab4105e3ce5cd336571147 --hash=sha256:dd5131b70287486af1acef2fc40de51c68de2ea740ab772097ac2d10bad9a0b5 --hash=sha256:df709eabdce2fc2cc1059fcefbbea245d2b2c41fc2026eda6194b810474e68d6 --hash=sha256:e3ac69b8abddac75dce301cbe77fc2650cbe0bd62ab2d2662d0f6f378b8c8018 --hash=sha256:e800cacbf8e240105338f8eb52e92a00cd0103881d3cdf1798e89130cf878ed8 --hash=sha256:f0aaf49f0c8919fb7a02cdc3db9e7f89165f53417a18d80508e0f167121cb7c1 --hash=sha256:f238b612f15166c6a3c869f833b5aa6c0dd448dabb1d4b94b132281de3e91cab --hash=sha256:f300ef2db3d3fd33631364fe3f83a64d281d255dd0e8182feb8e3db9e290ce32 --hash=sha256:f684b0fddbfe3b37de36d1b377c4c10d968226940c307a5a16e360e63063900f --hash=sha256:fe2dccf88e309dc896e7c2cc974a47be7a7b96d59c7f2ffd74ffcc7cfbdebb0c
#       - click==8.5.1 --hash=sha256:8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37 --hash=sha256:9bbfada76703fd1d784b83eea012e3e8c6a001a876543ef104fa56aaaeb072b4
#       - hdf5plugin==7.1.0 --hash=sha256:059266f69c61d929e1ba7d860aa3c977dbcbf513a3c84f5637e6cde3a59ad36d --hash=sha256:5d81d24069e4c3368f18f5bd067f58c4ee625fe6b91a7ed18212fde95cdcb9c9 --hash=sha256:8e9e2011f5394d0516b67756b79a7a4eda389e9e628badbbad191bd211b3a4e3 --hash=sha256:9d4cf36434819fae53e4da432f0287ebaeb02386ab97b73d261092efbab12247 --hash=sha256:af2347557359a1f45e703e6465aa033336cc0f10dc8a3b4d5e11c7721cb1faa6 --hash=sha256:dc4aa9576bf5770d773be9309a060ccf2f0ce2f0031f2b369f566d2662ec2fb3 --hash=sha256:fb4555696340a0dceb16f48ae5b65479f6a92ca90190ffeafc41905f17f5e325
#       - igraph==1.0.0 --hash=sha256:05c79a2a8fca695b2f217a6fa7f2549f896f757d4db41be32a055400cb19cc30 --hash=sha256:077dbff0edb8b4ce0f9fefdf325200346d9d5db02de31872b41743de08e67a16 --hash=sha256:1a27753cd80680a8f676c2d5a467aaa4a95e510b30748398ec4e4aeb982130e8 --hash=sha256:2414d0be2e4d77ee5357807d100974b40f6082bb1bb71988ec46cfb6728651ee --hash=sha256:2d04c2c76f686fb1f554ee35dfd3085f5e73b7965ba6b4cf06d53e66b1955522 --hash=sha256:3189c1a8e8a8f58009f3f729040eb3701254d074ed37245691d529869ec940c5 --hash=sha256:a55dc3a2a4e3fc3eba42479910c1511bfc3ecb33cdf5f0406891fd85f14b5aee --hash=sha256:b607cafc24b10a615e713ee96e58208ef27e0764af80140c7cc45d4724a3f2df --hash=sha256:c2bce3cd472fec3dd9c4d8a3ea5b6b9be65fb30edf760beb4850760dd4f2d479 --hash=sha256:c2cbc415e02523e5a241eecee82319080bf928a70b1ba299f3b3e25bf029b6d4 --hash=sha256:ebe9502689b946301584b3cfacdbc70c58c4d664d804e39b6daa31be5c20bf46 --hash=sha256:f117683108c54330d6dc67a708e3724c13c9989885122a29781296872989a222 --hash=sha256:f2b52dc1757fff0fed29a9f7a276d971a11db4211569ed78b9eab36288dfcc9d --hash=sha256:faeff8ede0cf15eb4ded44b0fcea6e1886740146e60504c24ad2da14e0939563 --hash=sha256:fe7c693b2a84a4e03ca31e65aa05a2ecd8728137fa9909ccbf6453b4200b856d
#       - leidenalg==0.11.0 --hash=sha256:023e97e4c96573e89fdea876da663e38694f6fa91e2c85e98455101409381d88 --hash=sha256:2143be3e80485584ccbdf927323fce65345da17facd0f8b438f11015f5dc6c27 --hash=sha256:310b9269a11fd1e960590c1a2b6ff685a2cc42aa3234ce67bc2a623ab61f26a9 --hash=sha256:3d9c74f9c3d97d1daec5cc9f43b56a62bb3f40d5fef9f2b5defd8d715bfb5cdd --hash=sha256:5607589050bfc1926e657b4d8a3b5341fe1eb81018c22cf4a3d3a39e368d1fcb --hash=sha256:571a0934f831a69442d82889d319bdba93de924bd9e09b720cd8cbe6fdc08c17 --hash=sha256:5e789c0960008d185413344a402d0587580c441644d4d20bf57c96f25d4d1710 --hash=sha256:5ea4cd7ee054540112b28f7e2d64658dcccd59f61a5d6a08a41df808645f96e9 --hash=sha256:9b5781876b1f1faed72a4f9926ff52de286843556b9d6791fe25a2acb33b7a5c --hash=sha256:9c1672eb4b24c2c484c0f4d2225267a456751f4624ac99619fed4fb9e4a31049 --hash=sha256:a80f49477f8e793f27d8e08949177f19e3834cd878af50a662b4f87335d06549 --hash=sha256:aa9b3bb5e75c5120b57cb8a3ba176610853359a9f5e787ecd6ba7e85c61f4fdc --hash=sha256:aec03e7178b19102dd271b453a39b9865cf283b4113151ba60514e5681046294 --hash=sha256:bed72262f181774de8425d6951c0e9c1d9c3d9bc64e030993e4215d6ab67933b --hash=sha256:f454be96bbc8089ea2a90ca853d8d389ab646de964a03bd58417f8b29ff8ef5d
#       - llvmlite==0.50.0 --hash=sha256:0225351ad77ea30501fc5b4c09ff6868169fde50c5a576cdfda1645091157616 --hash=sha256:1cb21c420a47dcfa56223228d013c6f9d234e05e06e6819a41638d78bbd78e6c --hash=sha256:211da1b088d566aafa1e444d546f64fc7f13b1af56ff0207a1705d88607be6ab --hash=sha256:266a6a29be71c3e3a22960ddcedf66b4e0388e5abb6cc4991cc093d6df402ad7 --hash=sha256:33ddf12b1e12d7e551e1c1e6ca8087d0aacc931f480019eb33ef2ab77681da4d --hash=sha256:3f490c0f4800c8ddeee6a607acd037497bf6508586804f4e2f11f53a1ee7fe2d --hash=sha256:423c8d89d13f7eb4488933d5a86b0fa952927956298cfd0087f6753b5123b5df --hash=sha256:425845f415a06dc50db08db033c6b568e0d85c4937e932c605a4d49e1514b2da --hash=sha256:4b78a8b669eda09ca1ff4c1a75003023912092974d3e771d1da0777f1b383bdf --hash=sha256:4da0e8c6e6f144b433672a632f75d6b4da7bd4fdb5c3e9981d6ea6741319aeae --hash=sha256:51a4a716db98591f0a1bea34c6548cdb4017731ee5e678ded8cf842dca8af3c5 --hash=sha256:55f50a6b7c0b8de88b05d6bc407d70a60486ce024013997dc97e202bd187c75b --hash=sha256:6e8df54380110ea5e9127386e739d2b0829cc6dfa4a24a9195226336c91b06d5 --hash=sha256:7ae211012c6849528a5f7cd17a78d8b2421a2813c7b4184d6c0b2ffa89a7d296 --hash=sha256:7dde9836d144c446a303b57b2dd906c35308411eb07f1279c1db581d3d774048 --hash=sha256:818b3d4845ac8e126e23cb500867570d0602a42a43e67b14acec31f046e03130 --hash=sha256:944133e9621d1dfbfdaf0fed3234b99f85e6ba27c38f4045acc8f8a5e699a5c0 --hash=sha256:987600ce6f7bd6d808f4bb0ea61a8eff2fd17cf32355691e801eb0a65a7304f0 --hash=sha256:a1d5b6eac064f201b4aa091030282e6f240d8d322dddd7381840731455c3e664 --hash=sha256:a32980e3d727b0e56974ad89d0764920048602a75805b8917cc0298e798b0ced --hash=sha256:a6ffde00d4be8772a24e3e8b3af6bf86a79e7cf066d944ef56136b3957d707dc --hash=sha256:accfc36951230e0e694b41bbfc96ba554284e72f0eab2dde0cf273e4109e51ba --hash=sha256:afd7b438c60e0f60c4368ec603bb9f20d938a203b5f59b80bbe50c749b4b2f16 --hash=sha256:c20595cc3a76e3c85140fdafbf9246c732ddf8e0e646ba2f4e4881f87567300d --hash=sha256:c2b23236bd0d7ad56a94208263d791956f79c8c45f39458931df556206d4496a --hash=sha256:c7d4e2bbb29a860a6e85e22afdb96696241263942a5b214cac3e4b704e1d3abf --hash=sha256:cda14ab787e609c2c2c5d1386a6d5f8723e9d047d27341585f606c27dc5744ab --hash=sha256:d501e5103076b9a14be885d2574dc2f6793171aa54a853d1244e011d476f1399 --hash=sha256:d5447a6c39171368edfe28a71f605e6e3edd40a1dc31f5e5c9d50585718ae6d0 --hash=sha256:d88c9b325f5fbefc79d95b1daa8fb96018c40bd2958103eea7334e6c8f17fb40 --hash=sha256:e8cc203c1fd509131cd72b7554413d4a3e5527cc5558c5a7ebe19840018c57c1 --hash=sha256:e94f9066f1257a9cef6c832e6c9de0f140e2bb150de2db39f657b2a5996e0f6b --hash=sha256:ecdc9fae295da8ac793578a27020515e24d970513143efa227e696582aeb16e6 --hash=sha256:f1ac2b9f699c46219fbbd66b304105f5e1b218f05ffac6fe03cd851f93718e58 --hash=sha256:f2a2cd6ec9ffcc1b7147dea0d7a49efebf17a2b434e0c2844fe175999d571eb4 --hash=sha256:ffe46ef508df226e54b5fe1f7bf11122e5297bcdbb3902cc5b670a429d56ff47
#       - memelite==0.5.0 --hash=sha256:42f3e141c566b713d4caadadd8e9f4ca88c0993177b79eaca37782d91a036f60 --hash=sha256:ab99dbb2eac3579be587c4d83741a027d176a8e6626c65704f008a87c5aa8bb2
#       - modisco-lite==3.0.0 --hash=sha256:264a350690b1786081757cd68a90fbe6271e9d765c6f14b9a6309424f821ca8d --hash=sha256:733fe1699a144f6e93fa45aabebfe8ca1ff7be13c7e95d138ea9cc26e60698ce
#       - numba==0.68.1 --hash=sha256:0b8c2cdf8d52373814d9fe0fdd91a654b4607527657488487c58ac897c2596a3 --hash=sha256:10967c80d943d32fec1a28bad89b404c820778c5d472844661900399879cbe95 --hash=sha256:26064885ae0ffcd365e1801beacc524ac4a9bd306b7552749dcca42e0ef2fed3 --hash=sha256:44f56e7c1e77d3380986f42e187ff13516aeac1f1771fe3826e65f003053d308 --hash=sha256:4d1b544f37fc237d16698a4266bb3d5b3c40ec8aa4c925a191ff09ec6d115310 --hash=sha256:58fe7a3810261cf13797d8aa94c018cfe91e1e8adf634df60eb60ef834f9367b --hash=sha256:5d4bd6ff1923d0b32a2208eaf3e1940f4548a13fdba8bd1ee7893b8f4b8f55f8 --hash=sha256:674d9c19e591e4e706c85ed9c7129dfea02086096250cb957dbffb64ebf3dba4 --hash=sha256:6d115039768cc2eb3cc99b32355ca507e1bbc653eca5492c83ab6399f218df27 --hash=sha256:7abaf69f64cbbeecf0c2384d55d1249ede6206de06d905da48f943c065e51490 --hash=sha256:7de5e5d00e6c8967fc861be2a015eb8ad701ab3cf65d7f4a2c4d950990cf65d3 --hash=sha256:8b33fee239194b9b6cb9b176f3c2563b94e5882fd846748ad0cf960daeee5406 --hash=sha256:8b89ed029ec79d017af9101afd8f832b1f7eb1a366227a439437c17f38be6122 --hash=sha256:9550e3f84ddca05d3cad1f2f780beed004a9b6c62fa12e995fb5bcb871d0cd6c --hash=sha256:9de461812470173a14eeb7e0bbd27c897dffe835402a33861166842fc5f6ea57 --hash=sha256:a4bdbff6ac4ea52a647c758e78403489a1b01a7ee9c2977c92f931c10802c078 --hash=sha256:b206741270692578112600767ef5e4935b38484a9edbc8dd925389ac67d0e828 --hash=sha256:b4d210701b32d1d4ffe26d5fc4e96c6b47e2c5d6c4c1a0f76dc48c156ef295ea --hash=sha256:bd238734c5bd4a7db5dd2e935d60dd9d485a5fa15b37396a2dd690b8b1d51742 --hash=sha256:c6f43dbbdcaac98a75a539b7c79ba490bd7265f24f454ac203de37bc5710ee71 --hash=sha256:c8882360f6bf7c6ff59308dc0fe79508a613a6e92329d4064ddd3258462cef4d --hash=sha256:c9cc5e30f0ec71d1d6e706cd3f9f98218a0221ee8cf25bb2079bdc1a9c4ae65a --hash=sha256:d372139235fcf11e3d81d1f145584e38c75a839b4d02f1f999cda1b134965eba --hash=sha256:dc3f29d540be5fc60699dbac53fc04f246cbf503a4e2e8315f04b70fcd9f1ec7 --hash=sha256:dc54a2cb3ccd2ae30dbae56311bb397bbd1428d9cd8ccb82a70da3439360bb30 --hash=sha256:de5fbbd0bec5496dc0408bf1eeaad4ff64a2b1e3c66b4065e4c42523550ee3e1 --hash=sha256:e5a2d544d8a2da45f9cc5856ed794c31f133ada51ef7a734a9b7cd4596e1887f --hash=sha256:e8069ec8807764fdd355a578e3943132a0b8e053e5d61e7b3639ed371ceaa80c --hash=sha256:ed9e36c95b79b675ec2332951118c3b264921a5cc49e0e934be2663ddece1b69 --hash=sha256:f2170303a731542b5c16501a08b2b1cbb4596e5bb9ba6a661b65ed953e59b8a6 --hash=sha256:fb83f1043e53753503d303036065990ff48fe0ef901e897153f57b2aec12c38d --hash=sha256:fc764aa37deab88718de20151af0f53aa72d1c5cb3b54c6eb648473323f80a5c
#       - numba-progress==1.2.0 --hash=sha256:9404c437d55f6454d907ebad28717baf64593405c68446675c1d0d10c833b21f --hash=sha256:c6189119ae901ad106b0cae3796319024d20bbbb3b7ae027b9bfcb08802585a8
#       - packaging==25.0 --hash=sha256:29572ef2b1f17581046b3a2227d5c611fb25ec70ca1ba8554b24b0e69331a484 --hash=sha256:d443872c98d677bf60f6a1f2f8c1cb748e8fe762d2bf9d3148b5599295b0fc4f
#       - pyfaidx==0.9.2.2 --hash=sha256:6ad50a5ac00b396dc117b7322adcbbac945aa60ac05a345a7628422d7852f038 --hash=sha256:98f265500ec0141a82f1b6adfc5d3a67240eb1ccec5ffe44feb3ccce60089df5
#       - pyjaspar==4.0.0 --hash=sha256:01b393f668c3cb552d3d58262a50005b1410e389e0a6bf5d570e976fbdaf01b3 --hash=sha256:b31893b0791770c044f2b7b424d89abe7cca6d698fe98467bc1cd276a7a2cd90
#       - texttable==1.7.2 --hash=sha256:a381e1ed30e4d4bd24cdacabe26463b7a570c0e964fc0b35d8d9276b2fcbe252 --hash=sha256:dc16ea6b35fbf5291ba6ef79d79e37d9b3ca6acd7bae3ca3450488d7c2e19c99
RUN mkdir -p /conda-envs/4a1e75a3f6253e97f7f139571eca6a07
COPY envs/interpret.yaml /conda-envs/4a1e75a3f6253e97f7f139571eca6a07/environment.yaml
# Conda environment:
#   source: envs/kipoi.yaml
#   prefix: /conda-envs/3c47a593152069cc4da748645dcbb922
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - attrs =21.4.0
#     - h5py =3.14.0
#     - jinja2 =3.1.6
#     - keras =3.15.0
#     - kipoi =0.8.6
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pooch =1.8.2
#     - pyyaml =6.0.3
#     - requests =2.32.5
#     - scipy =1.17.0
#     - setuptools =80.9.0
#     - tensorflow =2.19.1=cpu*
#     - tqdm =4.67.1
RUN mkdir -p /conda-envs/3c47a593152069cc4da748645dcbb922
COPY envs/kipoi.yaml /conda-envs/3c47a593152069cc4da748645dcbb922/environment.yaml
# Conda environment:
#   source: envs/report.yaml
#   prefix: /conda-envs/2502705b463098a0a53e149767460d9b
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - jinja2 =3.1.6
#     - markupsafe =3.0.3
#     - matplotlib-base =3.10.9
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - plotly =6.9.0
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/2502705b463098a0a53e149767460d9b
COPY envs/report.yaml /conda-envs/2502705b463098a0a53e149767460d9b/environment.yaml
# Conda environment:
#   source: envs/train.yaml
#   prefix: /conda-envs/bbeb298f65a5899a0d43ebc85e6601e5
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - attrs =21.4.0
#     - h5py =3.14.0
#     - keras =3.15.0
#     - keras-tuner =1.4.8
#     - kipoi =0.8.6
#     - lightgbm =4.6.0
#     - numpy =2.1.3
#     - openpyxl =3.1.5
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
#     - setuptools =80.9.0
#     - shap =0.51.0
#     - six =1.17.0
#     - tensorflow =2.19.1=cpu*
RUN mkdir -p /conda-envs/bbeb298f65a5899a0d43ebc85e6601e5
COPY envs/train.yaml /conda-envs/bbeb298f65a5899a0d43ebc85e6601e5/environment.yaml

RUN conda env create --prefix /conda-envs/ce9cbd74d5f308a4b20080aa40b02556 --file /conda-envs/ce9cbd74d5f308a4b20080aa40b02556/environment.yaml && \
    conda env create --prefix /conda-envs/bf3c4121f18a681e970e8d946e65a0f3 --file /conda-envs/bf3c4121f18a681e970e8d946e65a0f3/environment.yaml && \
    conda env create --prefix /conda-envs/ce0ce423914803ea495a5891efd8cc74 --file /conda-envs/ce0ce423914803ea495a5891efd8cc74/environment.yaml && \
    conda env create --prefix /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa --file /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa/environment.yaml && \
    conda env create --prefix /conda-envs/30346108864876f91f9af1755ea973e5 --file /conda-envs/30346108864876f91f9af1755ea973e5/environment.yaml && \
    conda env create --prefix /conda-envs/4a1e75a3f6253e97f7f139571eca6a07 --file /conda-envs/4a1e75a3f6253e97f7f139571eca6a07/environment.yaml && \
    conda env create --prefix /conda-envs/3c47a593152069cc4da748645dcbb922 --file /conda-envs/3c47a593152069cc4da748645dcbb922/environment.yaml && \
    conda env create --prefix /conda-envs/2502705b463098a0a53e149767460d9b --file /conda-envs/2502705b463098a0a53e149767460d9b/environment.yaml && \
    conda env create --prefix /conda-envs/bbeb298f65a5899a0d43ebc85e6601e5 --file /conda-envs/bbeb298f65a5899a0d43ebc85e6601e5/environment.yaml && \
    conda clean --all -y
